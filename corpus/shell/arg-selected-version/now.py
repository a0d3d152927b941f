"""What time is it, elsewhere?"""
import os
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

moment = datetime.fromtimestamp(int(os.environ.get("MOMENT", "0")), ZoneInfo("UTC"))
for zone in ("Asia/Kathmandu", "America/Lima", "Pacific/Chatham"):
    print(f"{zone:16} {moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}")
print("revision", os.environ["REVISION"], "on", "python%d.%d" % sys.version_info[:2])
