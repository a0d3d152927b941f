from setuptools import find_packages, setup

setup(
    name="roman",
    version="1.0.2",
    packages=find_packages(),
    package_data={"roman": ["symbols.json"]},
    python_requires=">=3.9",
    entry_points={"console_scripts": ["roman = roman.cli:main"]},
)
