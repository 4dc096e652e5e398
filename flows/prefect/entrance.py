"""Prefect's server as `serve` starts it: by one address, for whoever knows its auth string, as long as we live.

Run as `python -m flows.prefect.entrance HOST PORT`. Its standard input is a lifeline: when that closes, whoever started
the server is gone, even by SIGKILL, and the server ends too.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

AsgiScope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
App = Callable[[AsgiScope, Receive, Send], Awaitable[None]]


HERE = ("127.0.0.1", "localhost", "[::1]")


class Called:
    """Lets requests through that call the server by a name of its own, so that no rebound name leads to it."""

    def __init__(self, app: App, names: frozenset[str]) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer 421, or refuse the websocket, where the Host header is none of ours."""
        if scope["type"] == "lifespan" or self._known(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            text = b"This server is not called by that name.\n"
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
            await send({"type": "http.response.start", "status": 421, "headers": headers})
            await send({"type": "http.response.body", "body": text})

    def _known(self, scope: AsgiScope) -> bool:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and hosts[0] in self._names


def names(host: str, port: int) -> frozenset[str]:
    """What a Host header may say to a server bound to `host` and `port`."""
    own = f"[{host}]" if ":" in host else host
    return frozenset(f"{name}:{port}".lower() for name in (*HERE, own))


def end_with(lifeline: int, end: Callable[[], object]) -> None:
    """Call `end`, from a thread of its own, once the other end of a pipe (its file descriptor) is closed."""

    def wait() -> None:
        while os.read(lifeline, 4096):
            pass
        end()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def main(host: str, port: int) -> None:
    """Serve until told to leave, or until the lifeline ends."""
    import uvicorn
    from prefect.server.api.server import create_app

    app = Called(create_app(final=True), names(host, port))
    config = uvicorn.Config(app, host=host, port=port, timeout_graceful_shutdown=5, log_level="warning")
    server = uvicorn.Server(config)
    end_with(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
