"""GET /?q=word names the pages on which a word stands."""
import os
import re
import subprocess
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

SHELF = Path(os.environ["SHELF"])
FORM_FEED = "\f"


@cache
def pages(file: Path) -> list[str]:
    text = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    return text.split(FORM_FEED)


def search(word: str):
    wanted = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    for file in sorted(SHELF.glob("*.pdf")):
        for number, page in enumerate(pages(file), start=1):
            if wanted.search(page):
                yield f"{file.stem}, page {number}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        words = parse_qs(urlparse(self.path).query).get("q")
        found = list(search(words[0])) if words else ["ask /?q=word"]
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(("\n".join(found or ["nowhere"]) + "\n").encode())


HTTPServer(("", 9000), Handler).serve_forever()
