"""The peer: a socket that sends back what it gets. `python -m bench.sockets.echo PORT WORKERS` serves it."""

import sys
from typing import Any

import uvicorn

from dognbone.fair_shares import fair_shares
from dognbone.sockets import OPTIONS
from dognbone.whole_answers import WholeAnswers


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def main() -> None:
    # As `dognbone/__main__.py` starts the product.
    with fair_shares() as options:
        uvicorn.run(
            "bench.sockets.echo:application",
            host="127.0.0.1",
            port=int(sys.argv[1]),
            workers=int(sys.argv[2]),
            **OPTIONS,
            **options,
            http=WholeAnswers,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
        )


if __name__ == "__main__":
    main()
