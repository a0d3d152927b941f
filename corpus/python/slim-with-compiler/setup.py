from setuptools import Extension, setup

setup(
    name="squares",
    version="0.1.0",
    description="QR codes for the terminal",
    packages=["squares"],
    ext_modules=[Extension("squares._qr", ["squares/_qr.c"], libraries=["qrencode"])],
    entry_points={"console_scripts": ["squares=squares.cli:main"]},
)
