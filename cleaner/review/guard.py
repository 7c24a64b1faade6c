"""What stands before the page: only this machine, only who knows the token, only requests of the page itself."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 65_536
"""Of the body of a request."""
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Passes on the requests below /TOKEN/ whose Host header is the address of the server.

    The token is a secret, so a page of another site cannot make a request that gets here. Should it leak, requests that
    a browser marks as those of another site are refused, and those that change anything must be JSON.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token.encode()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        _, token, path = [*scope["path"].split("/", 2), "", ""][:3]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in _HEADERS.items())]
            await send(message)

        refusal = self._refuse(scope["method"], headers, token.encode("utf-8", "replace"))
        if refusal is not None:
            await PlainTextResponse(refusal[1] + "\n", refusal[0])(scope, receive, send_guarded)
            return
        await self._app({**scope, "path": f"/{path}", "raw_path": None, "root_path": ""}, receive, send_guarded)

    def _refuse(self, method: str, headers: Mapping[str, str], token: bytes) -> tuple[int, str] | None:
        """Return a status and a reason if a request is not to be answered."""
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "this is not the address of the review"
        if not secrets.compare_digest(token, self._token):
            return 404, "open the whole address that `copydesk review` printed"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return 403, "a page of another site sent this"
        if method == "GET":
            return None
        if method != "POST" or headers.get("content-type") != "application/json":
            return 405, "only the page itself may send this"
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return 403, "a page of another site sent this"
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, "this is too large"
        return None
