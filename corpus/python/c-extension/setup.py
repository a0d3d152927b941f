from setuptools import Extension, setup

setup(
    name="distance",
    version="0.3.0",
    py_modules=["server"],
    ext_modules=[Extension("_distance", ["distance.c"], extra_compile_args=["-O2"])],
)
