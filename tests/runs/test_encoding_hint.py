"""The hint of a run whose input is in another encoding."""

from __future__ import annotations

import json

import pytest

TEXT = "Über die Fähre von Skarnes gibt es nichts Neues, sagte der Hafenmeister am Montag. "


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_a_file_of_windows_1252(name, tmp_path, copydesk_command):
    text = TEXT * 5
    content = {
        "a.txt": text,
        "a.jsonl": json.dumps({"text": text}, ensure_ascii=False),
        "a.csv": f'id,text\n1,"{text}"',
    }
    (tmp_path / name).write_bytes(content[name].encode("cp1252"))
    ran = copydesk_command("clean", tmp_path / name, "--out", tmp_path / "out", "-q")
    assert ran.code == 1
    assert "1 record cannot be decoded; they may be in cp1252: try --encoding cp1252" in ran.err
    ran = copydesk_command("clean", tmp_path / name, "--out", tmp_path / "again", "-q", "--encoding", "cp1252")
    assert (ran.code, ran.err) == (0, "")
