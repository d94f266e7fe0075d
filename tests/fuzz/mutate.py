"""Makes input that is almost right: real samples, with a few parts that are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

_SENTINEL = "~hole~"
_HUGE_BYTES = 10 * 1024 * 1024
_HUGE_EVERY = 50_000
_DEEP_EVERY = 2_000
_DEPTH = 10_000

ODD_NUMBERS = (
    "0", "-0", "-1", "1", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "0.1", "1.0",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616",
    "999999999999", "1000000000001", "9" * 24, "9" * 32, "9" * 5_000, "0.000000001", "1e9", "0x10",
)  # fmt: skip

ODD_TEXTS = (
    "", " ", "\0", "NONE", "\x1b[2J", "ü" * 36, "x" * 36, "x" * 65, "x" * 600, "\u202e", "١٢",
    "-", ".", "+1", "1.", "true", "None", "../../etc", "ws://h:99999", "\U0001f600",
)  # fmt: skip

JSON_TOKENS = (
    b"null", b"true", b"false", b"[]", b"{}", b'"\xff\xfe"', b'"\\ud800"', b"[[],[]]", b"",
    b'{"type":"login"}', b'["buy","1","1"]', b'[["1","1"]]', b'[["buy","50.1","1"]]',
    *(text.encode() for text in ODD_NUMBERS),
    *(b'"' + text.encode() + b'"' for text in ODD_NUMBERS if len(text) < 100),
    *(b'"' + text.encode() + b'"' for text in ODD_TEXTS),
)  # fmt: skip

MSGPACK_TOKENS = (
    b"\xc0", b"\xc1", b"\xc2", b"\xc3", b"\x80", b"\x90", b"\xa0", b"\xc4\x00", b"\xa1\xff",
    b"\xcb\x7f\xf8\0\0\0\0\0\0", b"\xcb\x7f\xf0\0\0\0\0\0\0", b"\xcf" + b"\xff" * 8,
    b"\xd3\x80" + b"\0" * 7, b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff", b"\xc6\x7f\xff\xff\xff", b"\xd6\xff\xff\xff\xff\xff",
    b"\xd4\x01\x00", b"\xd7\xff" + b"\xff" * 8, b"\xc7\x0c\xff" + b"\xff" * 12,
    *(bytes([0xD9, len(text.encode())]) + text.encode() for text in ODD_TEXTS if len(text) < 100),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """A sample in pieces: every second one, from the second on, is a value."""

    pieces: tuple[bytes, ...]

    @property
    def values(self) -> tuple[bytes, ...]:
        return self.pieces[1::2]

    def fill(self, random: Random, tokens: Sequence[bytes], count: int) -> bytes:
        """Put tokens in the place of some values."""
        pieces = list(self.pieces)
        for _ in range(count):
            if len(pieces) > 1:
                pieces[random.randrange(len(pieces) // 2) * 2 + 1] = random.choice(tokens)
        return b"".join(pieces)


class Mutator:
    """
    A source of cases.

    Args:
        templates: Samples; each comes unharmed now and then, so that states are reached.
        misshapen: Samples that lack something; they come less often.
        tokens: What may stand in the place of a value, besides the values of all samples.
        deep: How a thousand-fold nesting begins.
    """

    def __init__(
        self,
        templates: Sequence[Template],
        tokens: Sequence[bytes],
        *,
        misshapen: Sequence[Template] = (),
        deep: bytes = b"[",
    ) -> None:
        self._templates = list(templates)
        self._misshapen = list(misshapen) or self._templates
        self._odd = list(tokens)
        own = {value for template in templates for value in template.values}
        self._own = sorted(own) or [b""]
        self._deep = deep

    def generate(self, random: Random) -> bytes:
        """Make one case."""
        chance = random.random()
        template = random.choice(self._templates if chance < 0.5 else self._misshapen)
        if chance < 0.2:
            return b"".join(template.pieces)
        if chance < 0.8:
            tokens = self._own if random.random() < 0.6 else self._odd
            data = template.fill(random, tokens, random.choice((1, 1, 1, 2, 3)))
        else:
            data = b"".join(template.pieces)
        if chance > 0.7:
            data = self._scratch(random, data)
        if random.randrange(_DEEP_EVERY) == 0:
            place = random.randrange(len(data) + 1)
            return data[:place] + self._deep * _DEPTH + data[place:]
        if random.randrange(_HUGE_EVERY) == 0:
            return data + b" " * _HUGE_BYTES
        return data

    def _scratch(self, random: Random, data: bytes) -> bytes:
        """Damage bytes, without knowing what they mean."""
        for _ in range(random.choice((1, 1, 2, 4))):
            data = random.choice(_SCRATCHES)(random, data)
        if random.random() < 0.1:
            other = b"".join(random.choice(self._templates).pieces)
            data = (
                data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]
            )
        return data


def _flip(random: Random, data: bytes) -> bytes:
    if not data:
        return b""
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << random.randrange(8))]) + data[place + 1 :]


def _overwrite(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data) + 1)
    odd = random.choice((b"\0", b"\xff", b"\n", b'"', b"\\", b"{", b"]", random.randbytes(4)))
    return data[:place] + odd + data[place + len(odd) :]


def _insert(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data) + 1)
    return data[:place] + random.randbytes(random.choice((1, 2, 8))) + data[place:]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _remove(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.choice((1, 2, 8, 64)) :]


def _repeat(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    part = data[start : start + random.choice((1, 4, 32, 256))]
    return data[:start] + part + data[start:]


_SCRATCHES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flip, _flip, _overwrite, _insert, _cut, _remove, _repeat,
)  # fmt: skip


def text_template(data: bytes) -> Template:
    """Take a text apart: words and numbers are its values."""
    return Template(tuple(re.split(rb"([A-Za-z0-9_.+-]+)", data)))


def tree_templates(tree: Any, encode: Callable[[Any], bytes]) -> Iterator[Template]:
    """
    Take a tree of dictionaries, lists and leaves apart.

    The first template has every leaf as a value. The others have one container or one key
    as their only value, lack one field, or have one that nobody knows.
    """
    hole = encode(_SENTINEL)
    leaves = [path for path, value in _paths(tree) if not isinstance(value, dict | list)]
    holed = tree
    for path in leaves:
        holed = _put(holed, path, _SENTINEL)
    parts = encode(holed).split(hole)
    pieces = [parts[0]]
    for path, part in zip(leaves, parts[1:], strict=True):
        pieces += [encode(_get(tree, path)), part]
    yield Template(tuple(pieces))
    for path, value in _paths(tree):
        if path and isinstance(value, dict | list):
            before, after = encode(_put(tree, path, _SENTINEL)).split(hole)
            yield Template((before, encode(value), after))
        if isinstance(value, dict):
            for key in value:
                without = {name: entry for name, entry in value.items() if name != key}
                yield Template((encode(_put(tree, path, without)),))
                renamed = encode(_put(tree, path, {**without, _SENTINEL: value[key]}))
                before, after = renamed.split(hole)
                yield Template((before, encode(key), after))
            yield Template((encode(_put(tree, path, {**value, "surprise": 1})),))


_Path = tuple[Any, ...]


def _paths(tree: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    yield path, tree
    if isinstance(tree, dict | list):
        entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, value in entries:
            yield from _paths(value, (*path, key))


def _get(tree: Any, path: _Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _put(tree: Any, path: _Path, value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[first] = _put(tree[first], tuple(rest), value)
    return copy
