"""Targets that are small files: those of a run directory, of an account and of a fit."""

from __future__ import annotations

import fcntl
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from random import Random

import msgspec
import pytest

from core.api.address import lock_path
from core.domain.errors import AddressInUse
from core.domain.ids import RunId
from core.exchange.process import ANNOUNCEMENT, PracticeExchange
from core.journal.manifest import MANIFEST, Manifest, read_manifest
from core.models.model_file import ModelFile, read_models
from core.models.model_set import SpreadRows, model_events
from core.runtime.killed import KILLED, KillWord, leave_word, read_word
from core.runtime.lease import AccountLease, Holder
from core.serve.claim import RunDirClaim
from core.settings.loader import load_settings
from tests.fuzz.folder import FileSubject
from tests.fuzz.mutate import (
    JSON_TOKENS,
    ODD_NUMBERS,
    ODD_TEXTS,
    Mutator,
    text_template,
    tree_templates,
)
from tests.fuzz.target import Source, Target
from tests.unit.models.test_model_file import FIT, SYMBOLS, instruments

_MANIFEST = Manifest(
    RunId("20261120T140327-practice-4f1c"),
    "practice",
    "SIM",
    "0123",
    "89ab",
    5,
    pid=4711,
    venue_url="wss://h.example:8443/ws",
)
_HOLDER = Holder(17, 4711, "20261120T140327-practice-4f1c", "runs", "h", 10**18)


def _json(*trees: object) -> Mutator:
    shapes = [list(tree_templates(tree, msgspec.json.encode)) for tree in trees]
    return Mutator(
        [first for first, *_ in shapes],
        JSON_TOKENS,
        misshapen=[template for _, *others in shapes for template in others],
    )


def manifest() -> Target:
    """`manifest.json`."""

    def read(path: Path) -> None:
        found = read_manifest(path.parent)
        # What a list of runs and a replay rely on.
        assert isinstance(found.started_ts_ns, int)
        assert isinstance(found.run_id + found.profile + found.reason, str)

    return Target(_json(asdict(_MANIFEST)), lambda: FileSubject(MANIFEST, read), per_cent=10)


def announcement() -> Target:
    """`exchange.json`: where the exchange is, and which process is to be ended."""
    settings = load_settings().settings

    def read(path: Path) -> None:
        exchange = PracticeExchange(path.parent, settings)
        assert all(isinstance(url, str) for url in exchange.known_urls())
        pid = exchange._announcement().pid
        # -1 would end every process of the user.
        assert pid is None or 1 < pid < 2**31, f"process {pid}"

    tree = {"url": "ws://127.0.0.1:8765", "session": "practice-1a", "pid": 4711}

    def recall(path: Path) -> None:
        path.write_text(json.dumps(tree))
        found = PracticeExchange(path.parent, settings)._announcement()
        assert msgspec.structs.asdict(found) == tree

    return Target(_json(tree), lambda: FileSubject(ANNOUNCEMENT, read, recall), per_cent=10)


def kill_word() -> Target:
    """`killed.json`: a damaged one is still one."""

    def read(path: Path) -> None:
        word = read_word(path.parent)
        assert word is not None, "a kill is forgotten"
        assert all(isinstance(value, int) for value in asdict(word).values())

    left = KillWord(17, 18, 3)

    def recall(path: Path) -> None:
        leave_word(path.parent, left)
        assert read_word(path.parent) == left

    return Target(_json(asdict(left)), lambda: FileSubject(KILLED, read, recall), per_cent=10)


def lease() -> Target:
    """Who holds an account."""

    def read(path: Path) -> None:
        account = AccountLease("practice", "ws://h:1", "key", folder=path.parent)
        path.replace(account.path)
        holder = account.holder()
        if holder is not None:
            assert holder.since
        token = account.take_over()
        after = account.holder()
        assert after is not None, "the next engine cannot see who took it"
        assert after.token == token

    def recall(path: Path) -> None:
        account = AccountLease("practice", "ws://h:1", "key", folder=path.parent)
        account.path.write_text(json.dumps(asdict(_HOLDER)))
        assert account.holder() == _HOLDER
        assert account.take_over() > _HOLDER.token

    return Target(_json(asdict(_HOLDER)), lambda: FileSubject("lease", read, recall), per_cent=3)


def lock() -> Target:
    """Who runs in a run directory: whatever the file says, it is locked."""

    def read(path: Path) -> None:
        there = lock_path(path.parent)
        if there != path:
            path.replace(there)
        with there.open("rb") as holder:
            fcntl.flock(holder, fcntl.LOCK_EX)
            with pytest.raises(AddressInUse) as refused:
                RunDirClaim(path.parent)
        assert str(refused.value).isprintable(), "a file that steers a terminal"
        raise refused.value

    tokens = [text.encode() for text in (*ODD_NUMBERS, *ODD_TEXTS)]
    return Target(
        Mutator([text_template(b"4711\n")], tokens), lambda: FileSubject("engine.lock", read),
        per_cent=3,
    )  # fmt: skip


class _Signed:
    """Model files; many with the fingerprint that belongs to what they say."""

    def __init__(self, files: Source) -> None:
        self._files = files

    def generate(self, random: Random) -> bytes:
        data = self._files.generate(random)
        if random.random() < 0.8:
            with suppress(ValueError, RecursionError):
                content = msgspec.json.decode(data, type=ModelFile)
                version = f"{content.fit.version:012x}"
                return msgspec.json.encode(msgspec.structs.replace(content, version=version))
        return data


def models() -> Target:
    """What `fit` writes and an engine starts with."""
    traded = instruments("RIVER", "ETF")

    def read(path: Path) -> None:
        model_events(read_models(path, 500, SYMBOLS).fit, traded, SpreadRows())

    content = ModelFile(1, f"{FIT.version:012x}", ("day.csv 12ab",), FIT)
    tree = json.loads(msgspec.json.encode(content))
    return Target(_Signed(_json(tree)), lambda: FileSubject("models.json", read), per_cent=10)
