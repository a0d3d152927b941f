import argparse
import sys

from ._qr import modules

# Two rows of modules make one row of text; light is drawn, since terminals are dark.
HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}


def draw(text: str, border: int = 2) -> str:
    width, dots = modules(text)
    side = width + 2 * border

    def dark(x: int, y: int) -> int:
        inside = border <= x < side - border and border <= y < side - border
        return dots[(y - border) * width + x - border] if inside else 0

    return "\n".join(
        "".join(HALVES[dark(x, y), dark(x, y + 1)] for x in range(side)) for y in range(0, side, 2)
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="squares")
    parser.add_argument("text", nargs="?")
    text = parser.parse_args().text
    if not text:
        print("squares: what shall it say?", file=sys.stderr)
        return 2
    print(draw(text))
    return 0
