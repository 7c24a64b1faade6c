"""The server of the page: on this machine only, at an address that nobody can guess."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...schemas.errors import SettingError, needs_extra

if TYPE_CHECKING:
    import uvicorn

    from .session import ReviewSession

HOST = "127.0.0.1"
PORT = 8642


@dataclass(frozen=True)
class Address:
    """A socket that is bound to the loopback, and the token of the page."""

    socket: socket.socket
    token: str
    is_other: bool = False
    """Whether the port is another one than was asked for, which was in use."""

    @property
    def port(self) -> int:
        """The port."""
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/{self.token}/"


def require_server() -> None:
    """Raise `SettingError` if the packages of the extra `review` are missing."""
    for package in ("starlette", "uvicorn"):
        try:
            __import__(package)
        except ImportError:
            raise needs_extra("`copydesk review`", package, "review") from None


def bind(port: int = PORT) -> Address:
    """Bind a port of the loopback, or any free one if it is in use. Raises `SettingError` if that is not possible."""
    token = secrets.token_urlsafe(24)
    try:
        return Address(_bind(port), token)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise SettingError(f"no port of {HOST} can be used ({error.strerror})", hint="try another --port") from None
    return Address(_bind(0), token, is_other=True)


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere, it would share a port that is in use
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        bound.listen(64)
    except BaseException:
        bound.close()
        raise
    return bound


def serve(session: ReviewSession, address: Address) -> None:
    """Answer requests until the process is asked to end, by Ctrl-C or a signal."""
    make_server(session, address).run(sockets=[address.socket])


def make_server(session: ReviewSession, address: Address) -> uvicorn.Server:
    """Return the server, not started."""
    from uvicorn import Config, Server

    from .application import make_application

    app = make_application(session, address.token, address.port)
    config = Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        http="h11",
        timeout_graceful_shutdown=2,
        limit_concurrency=64,
    )
    return Server(config)


def open_browser(url: str) -> bool:
    """Open a page in a browser with windows, if there is one. Return whether that was tried."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # a browser for terminals would take this terminal
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    return True
