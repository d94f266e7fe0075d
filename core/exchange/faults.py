"""
What may go wrong at the practice exchange, on purpose: settings, and a line that has them.

No socket and no clock: the server says when, and sends what comes out.
"""

from __future__ import annotations

import heapq
import re
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from core.domain.enums import RejectReason
from core.tables.paths import display_path
from core.tables.refusal import leaf_keys, refuse, unknown_key
from core.tables.section import Section
from core.tables.toml import read_toml, to_json
from core.venues.wsx.messages import MAX_MESSAGE_BYTES

_Share = Annotated[float, Field(ge=0, le=1)]
_Delay = Annotated[int, Field(ge=0, le=600_000)]

_NS_PER_MS = 1_000_000
_SWAP_MS = 30
"""How much later a message comes that is overtaken."""
_HELD_MS = 300
"""How long an acknowledgement waits for the execution that is to overtake it."""
_NESTING = 10_000


class LineFaults(Section):
    """What one direction does to messages. Shares are of messages."""

    delay_ms: _Delay = 0
    """Every message comes so much later."""

    jitter_ms: _Delay = 0
    """And up to so much more; the order stays."""

    drop: _Share = 0.0
    """Never arrives."""

    duplicate: _Share = 0.0
    """Arrives twice."""

    reorder: _Share = 0.0
    """Is overtaken by what comes after it."""

    corrupt: _Share = 0.0
    """One byte is none that a text has."""

    truncate: _Share = 0.0
    """Ends too early."""


class VenueFaults(Section):
    """What the exchange does wrong. Shares are of the messages that are concerned."""

    silent: bool = False
    """Connections stay open and nothing is sent over them."""

    half_open: bool = False
    """Nothing that is sent to the exchange is read."""

    refuse_connections: bool = False
    """Whoever connects is sent away at once."""

    disconnect_every_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Every connection is cut so often; 0 for never."""

    reads_per_s: Annotated[float, Field(ge=0, le=100_000)] = 0.0
    """So many messages of a client are read in a second; 0 for all."""

    reject: _Share = 0.0
    """New orders that are refused."""

    reject_reason: Literal["RATE_LIMIT", "MARKET_CLOSED", "POSITION_LIMIT", "OTHER"] = "RATE_LIMIT"
    """Why."""

    lose_ack: _Share = 0.0
    """Accepted orders that are not reported."""

    fill_before_ack: _Share = 0.0
    """Accepted orders that are reported after their first execution."""

    duplicate_fills: _Share = 0.0
    """Executions that are told twice."""

    freeze_books: bool = False
    """No book changes any more; all else goes on."""

    clock_offset_ms: Annotated[int, Field(ge=-86_400_000, le=86_400_000)] = 0
    """The exchange's clock is so much ahead."""

    oversized: _Share = 0.0
    """Messages that are too long, in place of others."""

    nested: _Share = 0.0
    """Messages that are nested without end, in place of others."""

    absurd: _Share = 0.0
    """Numbers in them are absurd."""

    unknown: _Share = 0.0
    """Types, states and fields are unheard of."""

    life: Annotated[int, Field(ge=0, le=2**31)] = 0
    """Raise it to have the exchange forget everything and begin anew."""


class Faults(Section):
    """Everything that goes wrong now; nothing unless it is said."""

    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    """Of what is left to chance."""

    to_client: LineFaults = LineFaults()
    to_exchange: LineFaults = LineFaults()
    exchange: VenueFaults = VenueFaults()


NO_FAULTS = Faults()


def read_faults(path: Path) -> Faults:
    """
    Read what is to go wrong.

    Raises:
        ConfigurationError: If the file cannot be used; the sentence names key and bounds.
    """
    tree = read_toml(path)
    label = display_path(path)
    known = [key for key, _ in leaf_keys(Faults)]
    for key in _leaves(tree):
        if key not in known:
            raise unknown_key(label, key, known)
    try:
        return Faults.model_validate_json(to_json(tree))
    except ValidationError as error:
        raise refuse(error, Faults, lambda *_: label) from error


def _leaves(tree: dict[str, object], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            keys += _leaves(value, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


class FaultyLine:
    """
    One direction of one connection.

    Put messages in with `pass_on`, take those whose time has come with `due`.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._queue: list[tuple[int, int, bytes]] = []
        self._count = 0
        self._newest_ns = 0

    def pass_on(self, data: bytes, faults: LineFaults, now_ns: int) -> None:
        """Put a message on its way."""
        random = self._random
        if random.random() < faults.drop:
            return
        if random.random() < faults.corrupt and data:
            changed = bytearray(data)
            changed[random.randrange(len(changed))] = 0xFF
            data = bytes(changed)
        if random.random() < faults.truncate and data:
            data = data[: random.randrange(len(data))]
        late_ms = faults.delay_ms + random.random() * faults.jitter_ms
        due_ns = max(self._newest_ns, now_ns + int(late_ms * _NS_PER_MS))
        self._newest_ns = due_ns
        if random.random() < faults.reorder:
            due_ns += random.randrange(1, _SWAP_MS) * _NS_PER_MS
        self._put(due_ns, data)
        if random.random() < faults.duplicate:
            self._put(due_ns + random.randrange(_SWAP_MS) * _NS_PER_MS, data)

    def hold(self, data: bytes, now_ns: int) -> None:
        """Keep a message back until others have overtaken it."""
        self._put(now_ns + _HELD_MS * _NS_PER_MS, data)

    def due(self, now_ns: int) -> list[bytes]:
        """Take the messages that arrive now, in order."""
        arrived = []
        while self._queue and self._queue[0][0] <= now_ns:
            arrived.append(heapq.heappop(self._queue)[2])
        return arrived

    def _put(self, due_ns: int, data: bytes) -> None:
        self._count += 1
        heapq.heappush(self._queue, (due_ns, self._count, data))


_EXECUTION = re.compile(rb'^\{"type":"execution"')
_ACK = re.compile(rb'^\{"type":"order".*"status":"open"')
_BOOK = re.compile(rb'^\{"type":"(delta|snapshot)"')
_NUMBER = re.compile(rb'"(price|quantity|leaves|fee)":"[^"]*"')


def spoil(data: bytes, faults: VenueFaults, random: Random) -> list[tuple[bytes, bool]]:
    """
    Let the exchange say something wrong.

    Returns:
        What is sent in place of `data`, each with whether it is to be held back.
    """
    if faults.silent or (faults.freeze_books and _BOOK.match(data)):
        return []
    if _ACK.match(data):
        if random.random() < faults.lose_ack:
            return []
        if random.random() < faults.fill_before_ack:
            return [(data, True)]
    times = 2 if _EXECUTION.match(data) and random.random() < faults.duplicate_fills else 1
    if random.random() < faults.oversized:
        data = b'{"type":"error","code":"X","text":"' + b"x" * (10 * MAX_MESSAGE_BYTES) + b'"}'
    elif random.random() < faults.nested:
        data = b"[" * _NESTING + b"]" * _NESTING
    elif random.random() < faults.absurd:
        data = _NUMBER.sub(rb'"\1":"99999999999999999999e999"', data)
    elif random.random() < faults.unknown:
        data = data.replace(b'"status":"', b'"status":"un').replace(b"{", b'{"news":[1e400],', 1)
    return [(data, False)] * times


def reject_reason(faults: VenueFaults) -> RejectReason:
    """Why orders are refused while they are."""
    return RejectReason[faults.reject_reason]
