"""identify.py <folder>: what each file is, whatever its name says."""
import sys
from pathlib import Path

from magic import Magic

folder = Path(sys.argv[1])
if not folder.is_dir():
    sys.exit(f"{folder}: no such folder")

magic = Magic()
for file in sorted(folder.iterdir()):
    print(f"{file.name}: {magic.mime(file)}")
