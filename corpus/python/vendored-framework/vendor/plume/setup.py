from setuptools import setup

setup(
    name="plume",
    version="0.6.0",
    description="Routes, templates and files over WSGI",
    packages=["plume"],
    package_data={"plume": ["error.html"]},
)
