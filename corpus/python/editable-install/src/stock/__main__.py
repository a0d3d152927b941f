import argparse
import csv
import sqlite3
import sys
from pathlib import Path

from . import __version__

# Beside the sources, not inside the package: an installation that is not editable has neither.
ROOT = Path(__file__).resolve().parents[2]
DATABASE = ROOT / "stock.db"


def query(name: str) -> str:
    return (Path(__file__).parent / "queries" / f"{name}.sql").read_text()


def load(db: sqlite3.Connection, file: str) -> None:
    db.executescript(query("schema"))
    with open(file, newline="", encoding="utf-8") as lines:
        db.executemany(query("deliver"), list(csv.reader(lines)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="stock")
    parser.add_argument("--version", action="version", version=f"stock {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("import").add_argument("file")
    commands.add_parser("list")
    take = commands.add_parser("take")
    take.add_argument("good")
    take.add_argument("amount", type=int)
    options = parser.parse_args()

    with sqlite3.connect(DATABASE) as db:
        if options.command == "import":
            load(db, options.file)
        elif options.command == "list":
            for good, amount in db.execute(query("list")):
                print(f"{amount:6} {good}")
        else:
            row = db.execute(query("take"), vars(options)).fetchone()
            if row is None:
                print("stock: not enough", options.good, file=sys.stderr)
                return 1
            print(row[0], "left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
