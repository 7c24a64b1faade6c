"""A run to review, and the server of its page, in a thread of this process."""

from __future__ import annotations

import threading
import time

import pytest

JUNK = "Ring 5 lanterns for the evening desk"
HOSTILE = (
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=1> said the mayor\u202e of \x1b[31mOstermoor, and "
    "nobody in the hall objected to any of it, although the meeting lasted until the early hours of the morning.\n\n"
    "<a href='javascript:window.pwned=1' onmouseover='window.pwned=1'>The minutes</a> run to forty pages.\n\n"
    "Leave a <b>Comment</b>"
)


@pytest.fixture
def run_folder(copydesk_command, jsonl, article, tmp_path, monkeypatch):
    """Return the output of a run in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    rows = [
        {
            "id": f"r{number}",
            "url": f"https://{('lantern', 'other')[number % 2]}.example/{number}",
            "title": f"A key and a chain, part {number}",
            "text": f"{article}\n\nDay {number} ended.\n\n{JUNK}\n\nLeave a Comment\n\nSubscribe to our newsletter\n",
        }
        for number in range(6)
    ]
    hostile = {"id": "hostile", "url": "https://lantern.example/x", "title": "'\"><svg onload=pwn()>", "text": HOSTILE}
    long = {"id": "long", "url": "https://other.example/y", "title": "W" * 900, "text": f"{article} {'w' * 1_000_000}"}
    copydesk_command("clean", jsonl(*rows, hostile, long), "--out", "out", "-q", "--no-report", "--suite", "none")
    return tmp_path / "out"


@pytest.fixture
def open_session(run_folder):
    """Return a function that opens a session of the run."""
    pytest.importorskip("starlette")
    from copydesk.cleaner.review.session import ReviewSession
    from copydesk.cleaner.settings import load_settings

    opened = []

    def start(into="review.toml"):
        session = ReviewSession(run_folder, load_settings({"suite": "none"}), run_folder.parent / into)
        opened.append(session)
        return session

    yield start
    for session in opened:
        session.close()


@pytest.fixture
def served(open_session):
    """Serve the page of a session; return its address."""
    pytest.importorskip("uvicorn")
    from copydesk.cleaner.review.server import bind, make_server

    address = bind(0)
    server = make_server(open_session(), address)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address
    server.should_exit = True
    thread.join(10)
    address.socket.close()
