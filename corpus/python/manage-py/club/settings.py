from pathlib import Path

BASE = Path(__file__).resolve().parent.parent

DATABASE = BASE / "db.sqlite3"
STATIC_ROOT = BASE / "public"
STATIC_SOURCES = [BASE / "club" / "static"]
DEBUG = False
