#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("CLUB_SETTINGS", "club.settings")
    from club.commands import execute

    sys.exit(execute(sys.argv[1:]))
