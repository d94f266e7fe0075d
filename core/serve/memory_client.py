"""The engine's interface without a socket: for `--in-process` and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from core.api.client import Farewell, Message
from core.api.messages import DEFAULT_PACE, check_pace
from core.api.status import status_json
from core.api.topics import Answer, Topic, decode_answer, encode_answer
from core.api.view import SnapshotDecoder
from core.domain.commands import Command, CommandResult
from core.domain.errors import CoreError, EngineUnavailable
from core.domain.snapshot import EngineSnapshot, RunMeta
from core.serve.host import Capture, EngineHost, capture, refuse_read_only
from core.serve.pacer import Pacer


class MemoryClient:
    """
    An `EngineClient` on the engine's own loop.

    Decodes the same bytes as a socket client, so that both show the same.

    Args:
        host: The engine.
        name: How this viewer appears in the engine's journal and notices.
        read_only: Commands will be refused.
        snapshots_per_second: The pace at first, 0 to 60.
    """

    def __init__(
        self,
        host: EngineHost,
        name: str,
        *,
        read_only: bool = False,
        snapshots_per_second: float = DEFAULT_PACE,
    ) -> None:
        self._host = host
        self._source = f"{name}:0"
        self._read_only = read_only
        self._pacer = Pacer(check_pace(snapshots_per_second))
        self._is_attached = False
        self._wake = asyncio.Event()

    @property
    def source(self) -> str:
        """What this viewer is called where the engine tells who asked."""
        return self._source

    async def connect(self) -> RunMeta:
        """
        Attach, and learn what is running.

        Raises:
            EngineUnavailable: If the engine has ended.
        """
        if self._host.farewell:
            raise EngineUnavailable(self._host.farewell)
        self._is_attached = True
        return self._host.meta

    async def messages(self) -> AsyncIterator[Message]:
        """
        Snapshots (latest wins) and notices (all of them), until the engine's farewell.

        Raises:
            EngineUnavailable: If this client was closed.
        """
        self._require_attached()
        decoder, notices = SnapshotDecoder(self._host.meta), self._host.notices
        sent, head, is_due = notices.before_first, -1, True
        generation = notices.generation
        while True:
            is_reset = generation != notices.generation
            if is_reset:
                sent, generation = notices.before_first, notices.generation
            batch = notices.since(sent)
            if batch.notices:
                sent = batch.notices[-1].number
            if batch.notices or is_reset:
                yield replace(batch, reset=is_reset)
            if is_due:
                taken = capture(self._host, head)
                head = taken.history_head
                yield self._decode(decoder, taken)
            if self._host.farewell:
                yield Farewell(self._host.farewell)
                return
            await self._wait_a_turn()
            self._require_attached()
            is_due = self._pacer.take_turn()

    async def send(self, command: Command) -> CommandResult:
        """
        Ask for something; the answer is there at once.

        Raises:
            EngineUnavailable: If this client is not attached.
        """
        self._require_attached()
        if self._read_only:
            return refuse_read_only(command)
        try:
            return self._host.submit(replace(command, source=self._source))
        except CoreError as error:
            return CommandResult(command.request_id, accepted=False, text=str(error))

    async def status(self) -> dict[str, Any]:
        """
        Answer the contract of `imc-cockpit status --json`, as of now.

        Raises:
            EngineUnavailable: If this client is not attached.
        """
        self._require_attached()
        taken = capture(self._host, -1)
        decoder = SnapshotDecoder(self._host.meta)
        return status_json(self._host.meta, self._decode(decoder, taken))

    async def ask(self, topic: Topic, args: dict[str, str] | None = None) -> Answer:
        """
        Ask for a page; it is there at once.

        Raises:
            EngineUnavailable: If this client is not attached, or there is no such page.
        """
        self._require_attached()
        try:
            page = encode_answer(self._host.answer(topic, args or {}))
        except CoreError as error:
            raise EngineUnavailable(str(error)) from error
        return decode_answer(topic, page)

    async def set_pace(self, snapshots_per_second: float) -> None:
        """
        How many snapshots this viewer wants; 0 for notices only.

        Raises:
            EngineUnavailable: If this client is not attached.
            ValueError: If it is not within 0 to 60.
        """
        self._require_attached()
        self._pacer.set_pace(check_pace(snapshots_per_second))
        self._wake.set()

    async def close(self) -> None:
        """Detach. The engine runs on."""
        self._is_attached = False
        self._wake.set()

    def _decode(self, decoder: SnapshotDecoder, taken: Capture) -> EngineSnapshot:
        telemetry = self._host.telemetry()
        return decoder.decode(
            taken.state, taken.samples, replace(telemetry, viewers=telemetry.viewers + 1)
        )

    async def _wait_a_turn(self) -> None:
        """Wait until the next turn, or until pace or attachment change."""
        try:
            async with asyncio.timeout(self._pacer.interval_s):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _require_attached(self) -> None:
        if not self._is_attached:
            raise EngineUnavailable("not attached")
