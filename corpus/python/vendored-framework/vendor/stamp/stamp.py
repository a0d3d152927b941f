"""Points in time as people say them."""
from datetime import date

MONTHS = "January February March April May June July August September October November December"


def spoken(day: date) -> str:
    return f"{day.day} {MONTHS.split()[day.month - 1]} {day.year}"
