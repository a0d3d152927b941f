import sqlite3
from html import escape
from pathlib import Path
from string import Template
from wsgiref.simple_server import make_server

from . import settings

TEMPLATES = Path(__file__).parent / "templates"
QUERY = """
    SELECT members.name, joined, coalesce(boats.name, '')
    FROM members LEFT JOIN boats ON owner = members.name ORDER BY joined
"""


def members() -> str:
    with sqlite3.connect(settings.DATABASE) as db:
        rows = db.execute(QUERY).fetchall()
    cells = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    (stylesheet,) = settings.STATIC_ROOT.glob("club.*.css")
    page = Template((TEMPLATES / "members.html").read_text())
    return page.substitute(
        stylesheet=stylesheet.name, rows="".join(f"<tr>{row}</tr>" for row in cells)
    )


def site(environ, start_response):
    path = environ["PATH_INFO"]
    file = settings.STATIC_ROOT / Path(path).name
    if path == "/":
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [members().encode()]
    if path.startswith("/static/") and file.is_file():
        start_response("200 OK", [("Content-Type", "text/css")])
        return [file.read_bytes()]
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"not found\n"]


def serve(host: str, port: int):
    with make_server(host, port, site) as server:
        server.serve_forever()
