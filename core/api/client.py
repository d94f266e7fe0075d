"""The door to a running engine, whatever carries it: a socket, or memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandResult
from core.domain.snapshot import EngineSnapshot, Notice, RunMeta

PROTOCOL = 2
"""Version of everything that crosses the socket. A viewer of another version is told so."""


@dataclass(frozen=True, slots=True)
class Notices:
    """New notices in order. `missed` were forgotten before this viewer could read them."""

    notices: tuple[Notice, ...]
    missed: int = 0
    reset: bool = False
    """All notices before these count no more: a replay has gone back to before them."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """The engine is ending on purpose; `reason` says why."""

    reason: str


Message = EngineSnapshot | Notices | Farewell


class EngineClient(Protocol):
    """
    One viewer's connection.

    `connect` first; then `messages` yields until the engine ends or the link breaks,
    which raises `EngineUnavailable`. `send` may be called at any time in between.
    """

    @property
    def source(self) -> str:
        """What this viewer is called where the engine tells who asked; empty before `connect`."""
        ...

    async def connect(self) -> RunMeta:
        """
        Attach, and learn what is running.

        Raises:
            EngineUnavailable: If nothing answers, or it speaks another protocol.
        """
        ...

    def messages(self) -> AsyncIterator[Message]:
        """
        Snapshots (latest wins) and notices (all of them), as they come.

        The first messages are the notices still remembered and the current snapshot.
        """
        ...

    async def send(self, command: Command) -> CommandResult:
        """
        Ask for something and wait for the answer.

        Raises:
            EngineUnavailable: If the link broke before the answer came: unknown outcome.
        """
        ...

    async def status(self) -> dict[str, Any]:
        """The contract of `imc-cockpit status --json`."""
        ...

    async def ask(self, topic: Topic, args: dict[str, str] | None = None) -> Answer:
        """
        Ask for a page that is not in the snapshot.

        Args:
            topic: Of the page.
            args: Narrow it, for example {"limit": "50"}.

        Raises:
            EngineUnavailable: If there is no answer, or the engine has no such page; says why.
        """
        ...

    async def set_pace(self, snapshots_per_second: float) -> None:
        """How many snapshots this viewer wants; 0 for notices only."""
        ...

    async def close(self) -> None:
        """Detach. The engine runs on."""
        ...
