"""A notice board: GET /?pin=text pins a notice, GET / reads them all."""
import getpass
import os
from urllib.parse import parse_qs

FILE = os.environ["BOARD_FILE"]


def application(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    if environ["PATH_INFO"] != "/":
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"only one board here\n"]
    with open(FILE, "a+", encoding="utf-8") as board:
        for notice in query.get("pin", []):
            board.write(notice + "\n")
        board.seek(0)
        text = board.read() or "nothing is pinned\n"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"kept by {getpass.getuser()}\n{text}".encode()]
