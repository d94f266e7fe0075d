"""The viewer's end of the engine's socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from core.api.address import claimant, socket_path
from core.api.client import Farewell, Message
from core.api.link import EngineLink
from core.api.messages import (
    DEFAULT_PACE,
    CommandRequest,
    Look,
    Pace,
    Question,
    SnapshotFrame,
    Welcome,
    check_pace,
    hello,
    mismatch,
)
from core.api.status import status_json
from core.api.topics import Answer, Topic, decode_answer
from core.api.view import SnapshotDecoder
from core.domain.commands import Command, CommandResult
from core.domain.errors import EngineUnavailable
from core.domain.snapshot import EngineSnapshot, RunMeta

ANSWER_TIMEOUT_S = 5.0
_OTHERS_WE_TRUST = frozenset({0})
"""Root: it could do anything to us anyway."""


class EngineUnresponsive(EngineUnavailable):
    """Somebody holds the socket but does not answer: stopped, or stuck."""

    exit_code = 4


class SocketClient:
    """
    An `EngineClient` over the socket of a run directory.

    Args:
        run_dir: Where the engine runs.
        name: How this viewer appears in the engine's journal and notices.
        read_only: Commands will be refused, by the engine.
        snapshots_per_second: The pace at first, 0 to 60.
        timeout_s: How long an engine may take to answer.
        reads_state: False for one that only sends commands, to engines of any build.
    """

    def __init__(
        self,
        run_dir: Path,
        name: str,
        *,
        read_only: bool = False,
        snapshots_per_second: float = DEFAULT_PACE,
        timeout_s: float = ANSWER_TIMEOUT_S,
        reads_state: bool = True,
    ) -> None:
        self._run_dir = run_dir
        self._hello = hello(
            name,
            program_version(),
            read_only=read_only,
            snapshots_per_second=check_pace(snapshots_per_second),
            reads_state=reads_state,
        )
        self._timeout_s = timeout_s
        self._link: EngineLink | None = None
        self._meta: RunMeta | None = None
        self._source = ""

    @property
    def source(self) -> str:
        """What this viewer is called where the engine tells who asked; empty before `connect`."""
        return self._source

    async def connect(self) -> RunMeta:
        """
        Attach, and learn what is running.

        Raises:
            EngineUnavailable: If nothing answers, or it speaks another protocol.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                self._link = await self._open()
                self._link.send(self._hello)
                welcome = await self._link.welcome
        except TimeoutError:
            await self.close()
            raise EngineUnresponsive(
                f"{self._run_dir}: an engine holds the socket but has not answered for "
                f"{self._timeout_s:g} s: it is stopped or stuck, and its orders still stand"
            ) from None
        self._check(welcome)
        self._meta = welcome.meta
        self._source = welcome.source
        return welcome.meta

    async def messages(self) -> AsyncIterator[Message]:
        """
        Snapshots (latest wins) and notices (all of them), until the engine's farewell.

        Raises:
            EngineUnavailable: If the link broke, or was closed on this side.
        """
        link, decoder = self._attached(), SnapshotDecoder(self._run_meta())
        while True:
            await link.news.wait()
            link.news.clear()
            if (notices := link.take_notices()) is not None:
                yield notices
            if (frame := link.take_snapshot()) is not None:
                yield decoder.decode(frame.state, frame.samples, frame.full_telemetry())
            if link.farewell is not None:
                yield Farewell(link.farewell)
                return
            if link.lost is not None:
                raise EngineUnavailable(str(link.lost))

    async def send(self, command: Command) -> CommandResult:
        """
        Ask for something and wait for the answer.

        Raises:
            EngineUnavailable: If no answer came: the outcome is unknown.
        """
        link = self._attached()
        request_id, reply = link.expect_reply()
        try:
            link.send(CommandRequest(replace(command, request_id=request_id)))
            async with asyncio.timeout(self._timeout_s):
                result = await reply
        except TimeoutError:
            raise EngineUnresponsive(
                f"no answer to `{command.name}` within {self._timeout_s:g} s: whether it was "
                "obeyed is unknown; look with `imc-cockpit status` when it answers again"
            ) from None
        finally:
            link.forget_reply(request_id)
        return replace(result, request_id=command.request_id)

    async def look(self) -> EngineSnapshot:
        """
        Look at the engine once, as of now and whatever the pace, without its samples.

        Raises:
            EngineUnavailable: If the engine does not answer.
        """
        frame = await self._look()
        return SnapshotDecoder(self._run_meta()).decode(
            frame.state, telemetry=frame.full_telemetry()
        )

    async def status(self) -> dict[str, Any]:
        """
        Answer the contract of `imc-cockpit status --json`, as of now.

        Raises:
            EngineUnavailable: If the engine does not answer.
        """
        return status_json(self._run_meta(), await self.look())

    async def ask(self, topic: Topic, args: dict[str, str] | None = None) -> Answer:
        """
        Ask for a page that is not in the snapshot.

        Raises:
            EngineUnavailable: If there is no answer, or the engine has no such page.
        """
        link = self._attached()
        request_id, reply = link.expect_page()
        try:
            link.send(Question(request_id, topic, args or {}))
            async with asyncio.timeout(self._timeout_s):
                page = await reply
        except TimeoutError:
            raise EngineUnresponsive(f"no {topic} within {self._timeout_s:g} s") from None
        finally:
            link.forget_reply(request_id)
        if page.refusal:
            raise EngineUnavailable(page.refusal)
        try:
            return decode_answer(topic, page.page)
        except ValueError as error:
            raise EngineUnavailable(f"{topic}: the answer cannot be read: {error}") from error

    async def set_pace(self, snapshots_per_second: float) -> None:
        """
        How many snapshots this viewer wants; 0 for notices only.

        Raises:
            EngineUnavailable: If the link is gone.
            ValueError: If it is not within 0 to 60.
        """
        self._attached().send(Pace(check_pace(snapshots_per_second)))

    async def close(self) -> None:
        """Detach. The engine runs on."""
        if self._link is not None:
            self._link.close()

    async def _open(self) -> EngineLink:
        path = socket_path(self._run_dir)
        loop = asyncio.get_running_loop()
        try:
            if path.stat().st_uid not in {os.getuid(), *_OTHERS_WE_TRUST}:
                raise EngineUnavailable(f"{path}: belongs to another user")
            _, link = await loop.create_unix_connection(EngineLink, str(path))
        except (FileNotFoundError, NotADirectoryError):
            pid = claimant(self._run_dir)
            text = (
                f"the engine (pid {pid}) is starting or ending in" if pid else "no engine runs in"
            )
            raise EngineUnavailable(f"{text} {self._run_dir}") from None
        except ConnectionRefusedError:
            raise EngineUnavailable(
                f"the engine of {self._run_dir} has died and left its socket; "
                "start it again to recover"
            ) from None
        except PermissionError:
            raise EngineUnavailable(f"{path}: belongs to another user") from None
        return link

    async def _look(self) -> SnapshotFrame:
        link = self._attached()
        look = link.expect_snapshot()
        link.send(Look())
        try:
            async with asyncio.timeout(self._timeout_s):
                return await look
        except TimeoutError:
            raise EngineUnresponsive(f"no snapshot within {self._timeout_s:g} s") from None

    def _check(self, welcome: Welcome) -> None:
        ours = (self._hello.protocol, self._hello.layout)
        versions = (welcome.meta.version, self._hello.version)
        problem = mismatch((welcome.protocol, welcome.layout), ours, versions)
        if problem is not None:
            self._attached().close()
            raise EngineUnavailable(problem)

    def _attached(self) -> EngineLink:
        if self._link is None:
            raise EngineUnavailable("not connected yet")
        return self._link

    def _run_meta(self) -> RunMeta:
        if self._meta is None:
            raise EngineUnavailable("not connected yet")
        return self._meta


def program_version() -> str:
    """Version of this installation."""
    try:
        return metadata.version("imc-cockpit")
    except metadata.PackageNotFoundError:
        return "unknown"
