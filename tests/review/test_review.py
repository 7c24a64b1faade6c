"""The review without a browser: who may talk to it, what it answers, and what it changes."""

from __future__ import annotations

import builtins
import http.client
import json
import time
from pathlib import Path

import pytest

from copydesk.schemas.decisions import Decisions
from copydesk.schemas.errors import CopydeskError, InputError, OutputError

HOST = "the host of the server"


def ask(address, path="", *, method="GET", body=None, **headers):
    """Send a request to the page, and return its status, its headers and its text."""
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30)
    names = {name.replace("_", "-"): value for name, value in headers.items() if value != HOST}
    connection.request(method, f"/{address.token}/{path}", body, names)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


@pytest.mark.sockets
def test_only_the_page_itself_is_answered(served):
    from dataclasses import replace

    json_type = {"content_type": "application/json"}
    assert ask(served)[0] == 200
    assert ask(replace(served, token="guess"))[0] == 404
    assert ask(served, host=f"evil.example:{served.port}")[0] == 421
    assert ask(served, sec_fetch_site="cross-site")[0] == 403
    assert ask(served, "api/save", method="POST", body="{}", content_type="text/plain")[0] == 405
    assert ask(served, "api/save", method="POST", body="{}", origin="http://evil.example", **json_type)[0] == 403
    assert ask(served, "api/save", method="POST", body="x" * 70_000, **json_type)[0] == 413
    assert ask(served, "api/undo", method="POST", body='{"ref": "0.0", "path": "/"}', **json_type)[0] == 400
    assert ask(served, "api/undo", method="PUT", body="{}", **json_type)[0] == 405
    assert ask(served, "../../etc/passwd")[0] == 404
    assert served.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.sockets
def test_the_page_allows_only_its_own_script_and_style(served):
    _, headers, page = ask(served)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.sockets
def test_a_port_in_use_leads_to_another_one(served):
    from copydesk.cleaner.review.server import bind

    other = bind(served.port)
    assert other.is_other
    assert other.port != served.port
    assert other.token != served.token
    other.socket.close()


def ended(session, job):
    while job.state == "running":
        time.sleep(0.01)
    return job


def test_pages_go_through_all_records(open_session):
    from copydesk.cleaner.review.record_pages import Filters

    session, refs, start = open_session(), [], ""
    while True:
        page = session._pages.page(Filters(), session_place(start), size=3)
        refs += [record["id"] for record in page.records]
        if page.next is None:
            break
        start = f"{page.next.group}.{page.next.row}"
    assert refs == ["r0", "r1", "r2", "r3", "r4", "r5", "hostile", "long"]
    by_rule = session.records(Filters(rule="newsletter"), "")["records"]
    assert [record["id"] for record in by_rule] == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert len(session.records(Filters(host="lantern.example", changed=True), "")["records"]) == 4


def session_place(start):
    from copydesk.cleaner.review.session import _place

    return _place(start or "0.0")


def test_a_long_line_is_shown_by_its_ends(open_session):
    shown = open_session().record("0.7")
    assert sum(len(part.get("text", "")) for part in shown["parts"]) < 10_000


@pytest.mark.parametrize("ref", ["", "0", "x.y", "0.99", "7.0", "-1.0", "1" * 30 + ".0", "²."])
def test_a_place_that_is_none_is_one_line(ref, open_session):
    with pytest.raises(InputError):
        open_session().record(ref)


@pytest.mark.parametrize(("scope", "ids"), [("record", ["r0"]), ("everywhere", 7), ("line", 7)])
def test_an_undo_reaches_as_far_as_was_said(scope, ids, open_session):
    session = open_session()
    record = session.record("0.0")
    edit = next(part["edit"] for part in record["parts"] if part.get("rule") == "comments/form")
    job = ended(session, session.undo("0.0", session.version, edit, scope))
    assert job.state == "done", job.message
    count = len(ids) if isinstance(ids, list) else ids
    assert job.message.startswith(f"{count} record")
    assert session.undone


def test_the_second_reviewer_sees_what_the_first_one_decided(open_session):
    first, second = open_session(), open_session()
    edit = next(part["edit"] for part in first.record("0.0")["parts"] if part.get("rule") == "comments/form")
    version = second.version
    ended(first, first.undo("0.0", first.version, edit, "cut"))
    with pytest.raises(InputError, match="somebody else has changed the run"):
        second.undo("0.0", version, edit, "cut")
    assert second.state()["notice"].startswith("somebody else")
    assert second.state()["decisions"] == first.state()["decisions"] > 0
    assert "Leave a Comment" in json.dumps([part for part in second.record("0.0")["parts"] if part["kind"] == "line"])
    assert first.state()["notice"] == ""


def test_cuts_are_accepted_and_no_longer(open_session):
    session = open_session()
    assert session.accept("0.0", session.version, [])["message"] == "2 cuts accepted"
    assert all(part["accepted"] for part in session.record("0.1")["parts"] if part["kind"] == "cut")
    assert session.accept("0.1", session.version, [])["message"] == "2 cuts no longer accepted"
    assert Decisions.read(Path("copydesk.decisions.toml")).accepted == []


def test_decisions_of_another_process_are_waited_for(open_session, monkeypatch):
    from copydesk.cleaner.results import decision_file

    session = open_session()
    monkeypatch.setattr(decision_file, "_WAIT", 0.2)
    with (
        decision_file.deciding(Path("copydesk.decisions.toml").absolute()),
        pytest.raises(OutputError, match="another process is writing decisions"),
    ):
        session.accept("0.0", session.version, [])


def test_a_line_of_a_draft_that_must_stay_is_kept(open_session):
    session = open_session()
    line = next(part["line"] for part in session.record("0.0")["parts"] if "Ring 5" in part.get("text", ""))
    assert ended(session, session.draft("0.0", session.version, line)).result["lines"] == 6
    job = ended(session, session.change_draft(general=True, on_host=True, ref="0.0", stays="Ring 9 lanterns"))
    assert job.result["success"], job.result["failures"]
    assert 'hosts = ["lantern.example"]' in job.result["text"]
    assert job.result["records"] == 3
    assert session.save_draft()["saved"]
    with pytest.raises(InputError, match="there is no draft"):
        session.save_draft()


def test_a_line_without_words_is_no_rule(open_session):
    session = open_session()
    line = next(part["line"] for part in session.record("0.0")["parts"] if "Day 0" in part.get("text", ""))
    job = ended(session, session.draft("0.0", session.version, line + 1))
    assert job.state == "failed"
    assert "not a line with words" in job.message


@pytest.mark.parametrize("damage", ["gone", "cut", "no-edits"])
def test_a_damaged_folder_is_one_line(damage, open_session, run_folder):
    session = open_session()
    if damage == "gone":
        (run_folder / "articles.parquet").unlink()
    elif damage == "cut":
        (run_folder / "articles.parquet").write_bytes(b"PAR1 cut off")
    else:
        (run_folder / "edits.parquet").unlink()
    with pytest.raises(CopydeskError):
        session.state()


def test_lines_of_json_are_reviewed_too(copydesk_command, run_folder, open_session):
    copydesk_command("clean", "dump.jsonl", "--out", "out", "-q", "--overwrite", "--to", "jsonl", "--suite", "none")
    from copydesk.cleaner.review.record_pages import Filters

    session = open_session()
    assert [one["id"] for one in session.records(Filters(rule="newsletter"), "")["records"]][:2] == ["r0", "r1"]
    assert session.record("0.3")["id"] == "r3"
    assert session.find("r5") == ["0.5"]


def test_a_missing_package_is_named(monkeypatch, copydesk_command, run_folder):
    real = builtins.__import__

    def missing(name, *words):
        if name == "uvicorn":
            raise ImportError(name)
        return real(name, *words)

    monkeypatch.setattr(builtins, "__import__", missing)
    ran = copydesk_command("review", "out")
    assert ran.code == 2
    assert 'the extra "review"' in ran.err


def test_the_command_prints_the_address_and_ends(monkeypatch, copydesk_command, run_folder):
    from copydesk.cleaner.review import server

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "serve", stop)
    ran = copydesk_command("review", "out", "--no-browser", "--port", "18642")
    assert ran.code == 0
    assert ran.out.startswith("http://127.0.0.1:")
    assert "press Ctrl-C" in ran.err
