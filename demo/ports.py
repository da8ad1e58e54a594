"""Ports of this machine: which is free, and who has the one that is not."""

import errno
import socket
from contextlib import suppress
from pathlib import Path

LISTENING = "0A"
HIGHEST = 65535


def find_trouble(port: int) -> str:
    """Why no server can listen on a port of localhost; "" where one can."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        code = try_port(family, address, port)
        if code == errno.EADDRINUSE:
            return f"port {port} is in use by {find_owner(port) or 'another program'}"
        if code in (errno.EACCES, errno.EPERM):
            return f"port {port} may not be used by you: those below 1024 are often kept for the system"
    return ""


def try_port(family: socket.AddressFamily, address: str, port: int) -> int:
    """The error's number; 0 where the port is free, or the machine has no such family of addresses."""
    try:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
    except OSError as error:
        return error.errno or 0
    return 0


def find_owner(port: int) -> str:
    """The program that listens on a port, and its process's number; "" where the system does not tell.

    Read from /proc, which Linux alone has, and which shows other people's processes only to root. The
    program's arguments are not shown: there may be a password among them.
    """
    sockets = {f"socket:[{inode}]" for inode in find_listeners(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        with suppress(OSError):
            if str(link.readlink()) in sockets:
                process = link.parent.parent
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def find_listeners(port: int) -> list[str]:
    """The inodes of the sockets that listen on a port."""
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.append(columns[9])
    return inodes


def is_port_free(port: int) -> bool:
    return not find_trouble(port)


def get_free_port(*, after: int) -> int:
    """The next free port above `after`, so that the fake's address is near the phone's."""
    for port in range(after + 1, min(after + 100, HIGHEST + 1)):
        if is_port_free(port):
            return port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
