"""An export may be made to cost more than it weighs: what it unpacks to and what it is made of are both bounded."""

import zipfile
from pathlib import Path

import pytest

from ai_chat.features.personal_data import look_at_export
from tests.api.chatgpt_export import conversation, zipped


def lines(folder: Path) -> int:
    return (folder / look_at_export.LINES).read_bytes().count(b"\n")


def test_all_entries_of_an_archive_together_unpack_to_a_bounded_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "sent"
    source.write_bytes(zipped(conversation()))
    with zipfile.ZipFile(source, "a", zipfile.ZIP_DEFLATED) as archive:
        size = archive.infolist()[0].file_size
        for number in range(9):
            archive.writestr(f"more/conversations-{number}.json", b"[" + b" " * size + b"{}]")
    monkeypatch.setattr(look_at_export, "MOST_UNPACKED", size * 4)
    look_at_export.look(source, tmp_path)
    assert lines(tmp_path) < 5


def test_what_is_broken_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_at_export, "MOST_CONVERSATIONS", 100)
    source = tmp_path / "sent"
    source.write_bytes(b'[{"mapping": {}, "title": "empty"}' + b",1" * 1000 + b"]")
    look_at_export.look(source, tmp_path)
    assert lines(tmp_path) == 100
