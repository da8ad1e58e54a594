"""Pages as the server sees them: how many connect in a second, and what a seat keeps of its memory.

The server is as in production, two workers on a PostgreSQL and a Redis of their own; the peer is a bare ASGI
socket that sends back what it gets (`echo.py`), served by the same uvicorn with the same settings. Both are
loaded by one process (`load.py`), which costs the machine as much for the one as for the other.
"""

import os
import subprocess
import sys


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    subprocess.run([sys.executable, "-m", "bench.sockets"], env=dict(os.environ), check=True)
