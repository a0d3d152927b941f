"""perch --bind host:port --workers n module:callable"""
import argparse
import importlib
import os
import signal
import sys
from wsgiref.simple_server import make_server


def load(target: str):
    module, _, name = target.partition(":")
    sys.path.insert(0, os.getcwd())
    return getattr(importlib.import_module(module), name or "application")


def main() -> int:
    parser = argparse.ArgumentParser(prog="perch", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8000")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("target")
    options = parser.parse_args()

    host, _, port = options.bind.rpartition(":")
    server = make_server(host, int(port), load(options.target))
    # Each worker accepts from the same socket.
    workers = []
    for _ in range(options.workers):
        worker = os.fork()
        if worker == 0:
            server.serve_forever()
        workers.append(worker)

    def stop(*_):
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    print(f"perch: {options.workers} workers on {options.bind}", flush=True)
    os.wait()
    return 1
