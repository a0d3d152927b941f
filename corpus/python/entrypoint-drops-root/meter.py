"""GET /<number> adds to the meter, which outlives the container."""
import argparse
import configparser
import getpass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

parser = argparse.ArgumentParser(prog="meter")
parser.add_argument("--check", action="store_true", help="read the configuration and end")
options = parser.parse_args()

config = configparser.ConfigParser()
config.read("meter.conf")
limit = config.getfloat("meter", "limit")
unit = config.get("meter", "unit")
state = Path("total")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        total = float(state.read_text()) if state.exists() else 0.0
        try:
            total += float(self.path.lstrip("/") or 0)
        except ValueError:
            self.send_error(400, "a number, please")
            return
        state.write_text(str(total))
        self.send_response(200 if total <= limit else 507)
        self.end_headers()
        self.wfile.write(f"{total:g} of {limit:g} {unit}\n".encode())


print(f"{getpass.getuser()}: up to {limit:g} {unit}", flush=True)
if not options.check:
    HTTPServer(("", 8125), Handler).serve_forever()
