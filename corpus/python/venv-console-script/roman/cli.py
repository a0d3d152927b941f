import argparse
import sys

from . import from_roman, to_roman


def main() -> int:
    parser = argparse.ArgumentParser(prog="roman")
    parser.add_argument("numbers", nargs="+", metavar="number")
    for text in parser.parse_args().numbers:
        try:
            print(to_roman(int(text)) if text.isdigit() else from_roman(text))
        except ValueError as error:
            print(f"roman: {error}", file=sys.stderr)
            return 1
    return 0
