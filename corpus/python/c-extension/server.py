"""GET /?word=contaner answers the nearest word of words.txt."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from _distance import distance

WORDS = Path(__file__).with_name("words.txt").read_text().split()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        if "word" not in query:
            self.send_error(400, "which word?")
            return
        word = query["word"][0]
        nearest = min(WORDS, key=lambda other: distance(word, other))
        body = f"{nearest} ({distance(word, nearest)})\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
