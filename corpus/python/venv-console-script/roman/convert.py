import json
from pathlib import Path

SYMBOLS = json.loads((Path(__file__).parent / "symbols.json").read_text())


def to_roman(number: int) -> str:
    if not 0 < number < 4000:
        raise ValueError(f"{number} has no Roman numeral")
    out = []
    for value, symbol in SYMBOLS:
        times, number = divmod(number, value)
        out.append(symbol * times)
    return "".join(out)


def from_roman(text: str) -> int:
    number, rest = 0, text.upper()
    for value, symbol in SYMBOLS:
        while rest.startswith(symbol):
            number += value
            rest = rest[len(symbol):]
    if rest or to_roman(number) != text.upper():
        raise ValueError(f"{text} is no Roman numeral")
    return number
