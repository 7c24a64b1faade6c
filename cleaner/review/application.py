"""The page and its requests: what the browser of the reviewer talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ...schemas.errors import CopydeskError
from ..reports.html_environment import page_policy, render_page
from .guard import Guard
from .jobs import explain
from .record_pages import Filters
from .requests import AcceptRequest, ChangeRequest, DraftRequest, SaveRequest, UndoRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from .session import ReviewSession

Body = TypeVar("Body", bound=msgspec.Struct)
_TEMPLATE, _STYLES, _SCRIPT = "review.html", ("style.css", "review.css"), "review.js"


def make_application(session: ReviewSession, token: str, port: int) -> ASGIApp:
    """Return the application below /`token`/ of a server on this machine at a port."""
    actions = _Actions(session)

    def get(path: str, answer: Callable[[Mapping[str, str]], Any]) -> Route:
        async def handle(request: Request) -> Response:
            return await _answer(lambda: answer(request.query_params))

        return Route(path, handle, methods=["GET"])

    def post(path: str, model: type[Body], act: Callable[[Body], Any]) -> Route:
        async def handle(request: Request) -> Response:
            body = await request.body()
            return await _answer(lambda: act(msgspec.json.decode(body, type=model)))

        return Route(path, handle, methods=["POST"])

    routes = [
        Route("/", _show_page, methods=["GET"]),
        get("/api/state", lambda _: session.state()),
        get("/api/overview", lambda _: session.overview()),
        get("/api/records", actions.records),
        get("/api/find", lambda query: {"refs": session.find(query.get("id", ""))}),
        get("/api/record", lambda query: session.record(query.get("ref", ""))),
        post("/api/accept", AcceptRequest, actions.accept),
        post("/api/undo", UndoRequest, actions.undo),
        post("/api/draft", DraftRequest, actions.draft),
        post("/api/change", ChangeRequest, actions.change),
        post("/api/save", SaveRequest, lambda _: session.save_draft()),
    ]
    return Guard(Starlette(routes=routes), token, port)


async def _show_page(_: Request) -> Response:
    page = render_page(_TEMPLATE, styles=_STYLES, script=_SCRIPT, connects=True)
    policy = page_policy(_STYLES, _SCRIPT, connects=True)
    return HTMLResponse(page, headers={"content-security-policy": f"{policy}; frame-ancestors 'none'"})


async def _answer(make: Callable[[], Any]) -> Response:
    """Return what a function makes as JSON, or its error as one line."""
    try:
        content, status = await run_in_threadpool(make), 200
    except CopydeskError as error:
        content, status = {"error": explain(error)}, 409
    except (msgspec.MsgspecError, IndexError):
        content, status = {"error": "the page sent something wrong: load it again"}, 400
    except Exception as error:
        content, status = {"error": explain(error)}, 500
    return Response(msgspec.json.encode(content), status, media_type="application/json")


class _Actions:
    """The requests, as calls of the session."""

    def __init__(self, session: ReviewSession) -> None:
        self._session = session

    def records(self, query: Mapping[str, str]) -> dict[str, Any]:
        host = query.get("host", "").strip().lower().removeprefix("www.")
        filters = Filters(query.get("rule", ""), host, query.get("query", ""), query.get("changed", "") == "yes")
        return self._session.records(filters, query.get("start", ""))

    def accept(self, body: AcceptRequest) -> dict[str, Any]:
        return self._session.accept(body.ref, body.version, body.edits)

    def undo(self, body: UndoRequest) -> dict[str, Any]:
        return {"job": self._session.undo(body.ref, body.version, body.edit, body.scope).number}

    def draft(self, body: DraftRequest) -> dict[str, Any]:
        return {"job": self._session.draft(body.ref, body.version, body.line).number}

    def change(self, body: ChangeRequest) -> dict[str, Any]:
        job = self._session.change_draft(general=body.general, on_host=body.on_host, ref=body.ref, stays=body.stays)
        return {"job": job.number}
