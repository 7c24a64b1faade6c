"""No test but those that start a server connects to anything: copydesk works on files alone."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_connection_is_refused(port):
    with closing(socket.socket()) as client, pytest.raises(PermissionError, match="may not connect"):
        client.connect(("127.0.0.1", port))


@pytest.mark.sockets
def test_a_test_with_a_server_connects_to_this_machine(port):
    with closing(socket.create_connection(("127.0.0.1", port))) as client:
        assert client.getpeername()[1] == port


@pytest.mark.sockets
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_no_test_connects_to_another_machine(host):
    with pytest.raises(PermissionError, match="may not connect"):
        socket.create_connection((host, 9), timeout=1)


@pytest.mark.sockets
def test_no_test_sends_to_another_machine():
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client, pytest.raises(PermissionError):
        client.sendto(b"", ("192.0.2.1", 9))


def test_a_name_is_not_looked_up():
    with pytest.raises(PermissionError, match="may not connect"):
        socket.getaddrinfo("localhost", 9)


@pytest.mark.parametrize(
    "words",
    [
        ["clean", "{}", "--out", "out", "--workers", "2"],
        ["check", "{}"],
        ["explain", "{}"],
        ["validate", "{}", "--out", "report"],
        ["describe", "{}"],
        ["plugins"],
    ],
    ids=lambda words: words[0],
)
def test_commands_connect_to_nothing(words, copydesk_command, jsonl, article, tmp_path, monkeypatch):
    path = jsonl({"id": "1", "title": "A key", "text": article, "url": "https://harbour.example/key"})
    monkeypatch.chdir(tmp_path)
    ran = copydesk_command(*(word.format(path) for word in words))
    assert ran.code in (0, 1), ran.err
