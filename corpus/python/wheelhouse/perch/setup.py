from setuptools import setup

setup(
    name="perch",
    version="0.2.0",
    description="A WSGI server with a few worker processes",
    packages=["perch"],
    entry_points={"console_scripts": ["perch = perch.main:main"]},
)
