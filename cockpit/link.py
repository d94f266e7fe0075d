"""
The cockpit's end of the wire: the latest snapshot, every notice, and a way to ask.

The link outlives the engine: it keeps trying, says what is wrong, and shows how old the
last snapshot is, so that nobody mistakes the past for the present.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from cockpit.actions import Action, Request
from cockpit.elapsed import elapsed_s
from cockpit.viewmodels.view import LinkState, LinkView
from core.api.client import PROTOCOL, EngineClient, Farewell, Notices
from core.api.topics import Answer, Topic
from core.domain.commands import CommandResult
from core.domain.errors import CoreError, EngineUnavailable
from core.domain.snapshot import EngineSnapshot, Notice, RunMeta

FIRST_RETRY_S = 0.25
LAST_RETRY_S = 5.0
NOTICES_KEPT = 500


class Launcher(Protocol):
    """Starts the engine where it does not run, and notices when it ends."""

    @property
    def in_process(self) -> bool:
        """Whether the engine lives inside this program and ends with it."""
        ...

    async def ensure_running(self, report: Callable[[str], None]) -> None:
        """
        Start the engine if none runs; tell `report` what is going on meanwhile.

        Raises:
            FatalError: If it cannot be started; the text says why and what to do.
        """
        ...

    async def watch(self) -> str:
        """Wait until the engine ends unexpectedly; return a sentence about it."""
        ...

    async def stop(self) -> None:
        """End the engine in order: cancel, confirm, close the journal."""
        ...


class Link:
    """
    One connection to one engine, renewed for as long as `run` runs.

    Args:
        connect: Makes a fresh client; called once for each attempt.
        on_change: Called after anything that a screen would show has changed.
        snapshots_per_second: The pace asked of the engine.
        now_s: For the age of the last snapshot; goes on while the machine sleeps.
    """

    def __init__(
        self,
        connect: Callable[[], EngineClient],
        on_change: Callable[[], None],
        *,
        snapshots_per_second: float = 10.0,
        now_s: Callable[[], float] = elapsed_s,
    ) -> None:
        self.meta: RunMeta | None = None
        self.snapshot: EngineSnapshot | None = None
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.notices_version = 0
        """Grows whenever `notices` changed, so that a screen need not compare them."""
        self._connect = connect
        self._on_change = on_change
        self._snapshots_per_second = snapshots_per_second
        self._now_s = now_s
        self._received_s = now_s()
        self._status = LinkView(text="waiting for the engine")
        self._client: EngineClient | None = None
        self._retry_now = asyncio.Event()
        self._requests = 0
        self.source = ""
        """What the engine calls this cockpit: everybody who watches sees it."""
        self._activity = ""
        self._renewed_for = ""
        """Why this side ends the connection; empty while it does not."""

    @property
    def status(self) -> LinkView:
        """How the link stands, with the age of what is shown."""
        return replace(self._status, age_s=max(0.0, self._now_s() - self._received_s))

    def report(self, text: str) -> None:
        """Say what is being done about the missing engine; empty for nothing."""
        self._activity = text
        if self._client is None and self._status.state is not LinkState.LIVE:
            self._become(self._status.state, text)

    def hurry(self) -> None:
        """Try again at once: somebody knows that the engine is there now."""
        self._retry_now.set()

    async def run(self) -> None:
        """Keep the link until canceled."""
        delay_s = FIRST_RETRY_S
        while True:
            if await self._attend():
                delay_s = FIRST_RETRY_S
            if not self._renewed_for:
                self._retry_now.clear()
            try:
                await asyncio.wait_for(self._retry_now.wait(), delay_s)
                delay_s = FIRST_RETRY_S
            except TimeoutError:
                delay_s = min(2 * delay_s, LAST_RETRY_S)

    async def ask(self, action: Action, args: dict[str, str] | None = None) -> CommandResult:
        """Send an action's command; what goes wrong comes back as a refusal in words."""
        self._requests += 1
        number = self._requests
        if action.command is None or self._client is None or self.meta is None:
            return CommandResult(number, accepted=False, text="not sent: no engine is connected")
        command = action.command(Request(self.source, number, args or {}))
        try:
            return await self._client.send(command)
        except (CoreError, OSError) as error:
            text = f"{command.name}: no answer, it may or may not have happened ({error})"
            return CommandResult(number, accepted=False, text=text)

    async def fetch(self, topic: Topic) -> Answer:
        """
        Ask for a page.

        Raises:
            CoreError: If it cannot be had; says why.
        """
        if self._client is None:
            raise EngineUnavailable("no engine is connected")
        try:
            return await self._client.ask(topic)
        except OSError as error:
            raise EngineUnavailable(str(error)) from error

    async def set_pace(self, snapshots_per_second: float) -> None:
        """Ask the engine for another pace, of this connection and those to come."""
        self._snapshots_per_second = snapshots_per_second
        if self._client is not None:
            with suppress(CoreError, OSError):
                # What is wrong with the link is said by who reads from it.
                await self._client.set_pace(snapshots_per_second)

    async def renew(self, reason: str, lost_s: float) -> None:
        """
        Attach anew at once: what waits in the socket is old, and would look fresh.

        Args:
            reason: A sentence for the screen.
            lost_s: How old it is at least.
        """
        self._renewed_for = reason
        self._received_s = min(self._received_s, self._now_s() - lost_s)
        self.hurry()
        if self._client is not None:
            await self._client.close()

    async def _attend(self) -> bool:
        """One connection from start to end. True if it ever worked."""
        client = self._connect()
        connected = False
        self._renewed_for = ""
        try:
            meta = await client.connect()
            if meta.protocol != PROTOCOL:
                raise EngineUnavailable(
                    f"the engine speaks protocol {meta.protocol}, this cockpit {PROTOCOL}: "
                    "start the cockpit of the engine's version, or stop that engine"
                )
            connected = True
            self._client = client
            self.source = client.source
            self._attached(meta)
            await client.set_pace(self._snapshots_per_second)
            await self._read(client)
        except (CoreError, OSError) as error:
            self._lost(self._renewed_for or str(error), connected=connected)
        finally:
            self._client = None
            await client.close()
        return connected

    async def _read(self, client: EngineClient) -> None:
        farewell = ""
        async for message in client.messages():
            match message:
                case EngineSnapshot():
                    self.snapshot = message
                    self._received_s = self._now_s()
                    self._status = replace(self._status, state=LinkState.LIVE, text="")
                case Notices():
                    self._remember(message)
                case Farewell():
                    farewell = message.reason
            self._on_change()
        if farewell:
            self._become(LinkState.ENDED, f"the engine ended: {farewell}")
        else:
            raise EngineUnavailable("the engine closed the connection")

    def _attached(self, meta: RunMeta) -> None:
        if self.meta is None or self.meta.run_id != meta.run_id:
            self.notices.clear()
            self.notices_version += 1
            self.snapshot = None
        self.meta = meta
        self._activity = ""
        if self.snapshot is None:
            self._received_s = self._now_s()
        self._become(LinkState.CONNECTING, "attached, waiting for the first snapshot")

    def _remember(self, message: Notices) -> None:
        if message.reset:
            self.notices.clear()
        known = self.notices[-1].number if self.notices else 0
        self.notices.extend(notice for notice in message.notices if notice.number > known)
        self.notices_version += 1
        if message.missed:
            self._status = replace(self._status, missed=self._status.missed + message.missed)

    def _lost(self, reason: str, *, connected: bool) -> None:
        if connected:
            self._become(LinkState.LOST, f"link lost, trying again: {reason}")
        elif self.meta is None:
            text = self._activity or f"waiting for the engine: {reason}"
            self._become(LinkState.CONNECTING, text)
        elif self._status.state is not LinkState.ENDED or self._activity:
            self._become(LinkState.LOST, self._activity or f"no engine, trying again: {reason}")

    def _become(self, state: LinkState, text: str) -> None:
        self._status = replace(self._status, state=state, text=text)
        self._on_change()
