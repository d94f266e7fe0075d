"""What the interface needs of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from core.api.notice_log import NoticeLog
from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandResult
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS
from core.domain.memory import Rows
from core.domain.snapshot import RunMeta, Telemetry


class EngineHost(Protocol):
    """
    An engine, seen from its interface. Everything is called on the engine's loop.

    Nothing here may wait or raise: a refused command is a result with a reason.
    """

    @property
    def meta(self) -> RunMeta:
        """What does not change during the run."""
        ...

    @property
    def state(self) -> Sequence[Rows]:
        """The kernel's arrays in the order of `core.domain.layout`; read between events."""
        ...

    @property
    def notices(self) -> NoticeLog:
        """What happened."""
        ...

    @property
    def farewell(self) -> str:
        """Why the engine has ended; empty while it runs."""
        ...

    def telemetry(self) -> Telemetry:
        """How the engine is doing. `viewers` and `dropped_snapshots` are filled in later."""
        ...

    def submit(self, command: Command) -> CommandResult:
        """Journal and apply a command, or refuse it."""
        ...

    def answer(self, topic: Topic, args: Mapping[str, str]) -> Answer:
        """
        Make a page that is not in the snapshot.

        Raises:
            CoreError: If there is no such page here; says why.
        """
        ...


class Capture(NamedTuple):
    """Bytes of the state at one moment."""

    state: bytes
    samples: bytes
    """Empty when nothing was sampled since `since_head`."""
    history_head: int


def capture(host: EngineHost, since_head: int) -> Capture:
    """
    Copy the state for a viewer whose samples reach up to `since_head` (-1: it has none).

    The only work done on the trading loop per snapshot: about 1 µs for the live sections,
    7 µs more once a second for the samples.
    """
    arrays = host.state
    head = int(arrays[0]["history_head"][0])
    return Capture(
        state=b"".join(arrays[:N_LIVE_SECTIONS]),
        samples=b"".join(arrays[N_LIVE_SECTIONS:N_SHOWN_SECTIONS]) if head != since_head else b"",
        history_head=head,
    )


def refuse_read_only(command: Command) -> CommandResult:
    """Answer to a viewer that promised not to touch anything."""
    return CommandResult(
        command.request_id, accepted=False, text=f"{command.name}: this viewer is read-only"
    )
