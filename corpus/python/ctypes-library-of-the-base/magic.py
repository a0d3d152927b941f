"""The part of libmagic that we need."""
import ctypes
from ctypes.util import find_library
from pathlib import Path

MAGIC_MIME_TYPE = 0x10


class Magic:
    def __init__(self):
        name = find_library("magic")
        if name is None:
            raise OSError("libmagic is not installed")
        self.library = ctypes.CDLL(name)
        self.library.magic_open.restype = ctypes.c_void_p
        self.library.magic_file.restype = ctypes.c_char_p
        self.library.magic_file.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self.cookie = ctypes.c_void_p(self.library.magic_open(MAGIC_MIME_TYPE))
        if self.library.magic_load(self.cookie, None) != 0:
            raise OSError("libmagic has no database")

    def mime(self, file: Path) -> str:
        return self.library.magic_file(self.cookie, str(file).encode()).decode()
