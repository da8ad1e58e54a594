"""Ends with 0 where the server of this container answers: `python deploy/healthy.py PORT`."""

import os
import sys
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

# By another name than its own it answers nobody.
host = urlsplit(os.environ["PUBLIC_URL"]).netloc
urlopen(Request(f"http://127.0.0.1:{sys.argv[1]}/healthz", headers={"Host": host}), timeout=5)
