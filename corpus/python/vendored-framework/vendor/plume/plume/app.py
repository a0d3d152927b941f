import mimetypes
import re
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from wsgiref.simple_server import make_server

from .template import fill


class Abort(Exception):
    pass


def abort(status: int):
    raise Abort(HTTPStatus(status))


class App:
    def __init__(self, root: str):
        self.static = Path(root).resolve().parent / "static"
        self.routes = []

    def route(self, pattern: str):
        regex = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern) + "$")

        def register(view):
            self.routes.append((regex, view))
            return view

        return register

    def answer(self, path: str):
        if path.startswith("/static/"):
            file = (self.static / path.removeprefix("/static/")).resolve()
            if not (file.is_relative_to(self.static) and file.is_file()):
                abort(404)
            return mimetypes.guess_type(file)[0] or "application/octet-stream", file.read_bytes()
        for regex, view in self.routes:
            if found := regex.match(path):
                return "text/html; charset=utf-8", view(**found.groupdict()).encode()
        return abort(404)

    def __call__(self, environ, start_response):
        status = HTTPStatus.OK
        try:
            kind, body = self.answer(environ["PATH_INFO"])
        except Abort as error:
            status = error.args[0]
            page = resources.files("plume").joinpath("error.html").read_text()
            kind = "text/html"
            body = fill(page, {"status": status.value, "reason": status.phrase}).encode()
        start_response(f"{status.value} {status.phrase}", [("Content-Type", kind)])
        return [body]

    def run(self, host: str, port: int):
        make_server(host, port, self).serve_forever()
