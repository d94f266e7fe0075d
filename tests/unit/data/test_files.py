"""Paths and bytes."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from core.data.files import find_files, read_content
from core.domain.errors import DataError


def test_a_pattern_gives_its_files_in_order_and_each_once(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).write_text("x\n")
    found = find_files([tmp_path / "*.csv", tmp_path / "a.csv"])
    assert [path.name for path in found] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("no.csv", "there is no such file"), ("*.csv", "no file matches"), ("", "is a folder")],
)
def test_what_is_not_there_is_named(tmp_path, name, sentence):
    with pytest.raises(DataError, match=sentence):
        find_files([tmp_path / name])


def test_no_path_at_all_is_refused():
    with pytest.raises(DataError, match="no files"):
        find_files([])


def test_plain_and_compressed_read_the_same_but_hash_what_lies_on_disk(tmp_path):
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(b"one\ntwo\n")
    packed.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert read_content(plain).text == read_content(packed).text == b"one\ntwo\n"
    assert read_content(packed).sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert not read_content(packed).is_cut


def test_a_gzip_file_cut_short_keeps_its_whole_lines(tmp_path):
    lines = b"".join(b"line %d of many different ones\n" % number for number in range(4000))
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(lines)[:-2000])
    content = read_content(path)
    assert content.is_cut
    assert content.text
    assert lines.startswith(content.text)
    assert content.text.endswith(b"\n")


def test_a_gzip_file_with_a_broken_byte_keeps_what_came_before(tmp_path):
    lines = b"".join(b"line %d of many different ones\n" % number for number in range(40_000))
    packed = bytearray(gzip.compress(lines))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = b"\xff" * 64
    path = tmp_path / "a.gz"
    path.write_bytes(packed)
    content = read_content(path)
    assert content.is_cut
    assert len(content.text) > len(lines) // 4


def test_nothing_whole_is_refused(tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"abcdefgh" * 9)[:14])
    (tmp_path / "empty.csv").write_bytes(b"\n")
    with pytest.raises(DataError, match="cut short before its first whole line"):
        read_content(tmp_path / "cut.gz")
    with pytest.raises(DataError, match="is empty"):
        read_content(tmp_path / "empty.csv")


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_content(tmp_path)
