"""A page is on disk as a whole, or the old one is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.reports.files import write_page

FULL = Path("/dev/full")


def test_a_page_takes_the_place_of_the_old_one_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "page.html"
    write_page(path, "old")
    write_page(path, "newer ü")
    assert path.read_text(encoding="utf-8") == "newer ü"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_a_sentence_and_keeps_the_old_page(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_page(path, "old")

    def fill_up(place, text, encoding):
        place.write_bytes(text.encode()[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fill_up)
    with pytest.raises(ConfigurationError, match=r"page\.html: cannot be written: No space left"):
        write_page(path, "newer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["", "missing/page.html"])
def test_a_place_that_cannot_be_is_a_sentence(tmp_path, name):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_page(tmp_path / name, "text")


def test_a_link_stays_one(tmp_path):
    path, link = tmp_path / "page.html", tmp_path / "latest.html"
    path.touch()
    link.symlink_to(path)
    write_page(link, "text")
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "text"


@pytest.mark.skipif(not FULL.is_char_device(), reason="there is no device that is always full")
def test_what_is_no_file_is_written_to_as_it_is():
    with pytest.raises(ConfigurationError, match=r"/dev/full: cannot be written: No space left"):
        write_page(FULL, "text")
    assert FULL.is_char_device()
