#!/usr/bin/env python3
"""What the shop took, per day of its own time zone."""
import csv
import locale
import sys
import time
from collections import Counter
from pathlib import Path

locale.setlocale(locale.LC_ALL, "")

takings = Counter()
source = Path(sys.argv[1] if len(sys.argv) > 1 else "data/till.csv")
with source.open(newline="") as file:
    for row in csv.DictReader(file):
        local = time.localtime(int(row["time"]))
        takings[time.strftime("%A, %d. %B %Y", local)] += int(row["cents"])

lines = [
    f"{day:>28} {locale.currency(cents / 100, grouping=True):>16}" for day, cents in takings.items()
]
text = "\n".join([f"Kasse ({time.tzname[0]})", *lines]) + "\n"
Path("out/report.txt").write_text(text)
sys.stdout.write(text)
