import importlib
import os
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

settings = importlib.import_module(os.environ["CLUB_SETTINGS"])
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate() -> int:
    """Bring the database up to date."""
    with sqlite3.connect(settings.DATABASE) as db:
        (done,) = db.execute("PRAGMA user_version").fetchone()
        for number, file in enumerate(sorted(MIGRATIONS.glob("*.sql")), start=1):
            if number > done:
                print("applying", file.name)
                db.executescript(file.read_text())
                db.execute(f"PRAGMA user_version = {number}")
    return 0


def collectstatic() -> int:
    """Copy the static files, with a hash in their names."""
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    settings.STATIC_ROOT.mkdir()
    for folder in settings.STATIC_SOURCES:
        for file in folder.iterdir():
            digest = sha256(file.read_bytes()).hexdigest()[:8]
            shutil.copyfile(file, settings.STATIC_ROOT / f"{file.stem}.{digest}{file.suffix}")
    print(len(list(settings.STATIC_ROOT.iterdir())), "static files")
    return 0


def test() -> int:
    """Run the tests."""
    import unittest

    tests = unittest.defaultTestLoader.discover("club", top_level_dir=str(settings.BASE))
    result = unittest.TextTestRunner().run(tests)
    return 0 if result.wasSuccessful() else 1


def runserver(address: str = "127.0.0.1:8000") -> int:
    """Serve the site."""
    from .views import serve

    host, _, port = address.rpartition(":")
    serve(host, int(port))
    return 0


COMMANDS = {f.__name__: f for f in (migrate, collectstatic, test, runserver)}


def execute(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        for name, command in COMMANDS.items():
            print(f"{name:14} {command.__doc__}")
        return 0 if arguments in ([], ["help"]) else 1
    return COMMANDS[arguments[0]](*arguments[1:])
