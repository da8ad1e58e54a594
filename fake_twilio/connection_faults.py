"""Faults below HTTP: a connection that is reset, cut in the middle, or slower than patience."""

import asyncio
import socket
import struct

from aiohttp import web

from fake_twilio.faults import DRIBBLE_SECONDS, Fault

# SO_LINGER with no time: closing sends RST, and the client sees "connection reset by peer".
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
POLL_SECONDS = 0.05


def reset_connection(request: web.Request) -> web.Response:
    """Ends the connection without an answer. What it returns is never sent."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
    return web.Response(status=500)


async def wait_while_connected(request: web.Request, seconds: float) -> None:
    """Waits, but not longer than somebody is there to be answered."""
    deadline = asyncio.get_running_loop().time() + seconds
    while request.transport is not None and not request.transport.is_closing():
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return
        await asyncio.sleep(min(left, POLL_SECONDS))


async def send_truncated(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Half the body, then the end of the connection."""
    body = response.text or ""
    stream = await start(request, response)
    await stream.write(body[: len(body) // 2].encode())
    if request.transport is not None:
        request.transport.close()
    return stream


async def send_dribbling(request: web.Request, response: web.Response, fault: Fault) -> web.StreamResponse:
    """The whole body, evenly spread over `seconds`: no read ever waits long."""
    body = (response.text or "").encode()
    stream = await start(request, response)
    pause = (fault.seconds or DRIBBLE_SECONDS) / max(1, len(body))
    step = max(1, round(POLL_SECONDS / pause)) if pause else len(body)
    for at in range(0, len(body), step):
        if request.transport is None or request.transport.is_closing():
            break
        await stream.write(body[at : at + step])
        await asyncio.sleep(pause * step)
    return stream


async def start(request: web.Request, response: web.Response) -> web.StreamResponse:
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = len((response.text or "").encode())
    await stream.prepare(request)
    return stream
