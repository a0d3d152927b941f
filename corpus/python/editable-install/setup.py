from setuptools import find_packages, setup

setup(
    name="stock",
    version="4.0.0",
    package_dir={"": "src"},
    packages=find_packages("src"),
    entry_points={"console_scripts": ["stock=stock.__main__:main"]},
)
