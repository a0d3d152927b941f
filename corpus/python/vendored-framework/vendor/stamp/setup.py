from setuptools import setup

setup(name="stamp", version="1.1", py_modules=["stamp"])
