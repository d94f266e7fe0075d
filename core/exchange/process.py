"""The practice exchange as a process of its own, which outlives a crash of the engine."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from core.domain.errors import AddressInUse, EngineUnavailable
from core.settings.model import Settings
from core.venues.wsx.probe import probe

ANNOUNCEMENT = "exchange.json"
"""In the run directory: where the exchange that was started from here listens."""

OUTPUT = "exchange.log"
START_TIMEOUT_S = 45.0
"""The first start ever compiles the matching engine."""

_STOP_TIMEOUT_S = 3.0
_POLL_S = 0.02
_URL = re.compile(r"(?:ws|http)://[0-9.]+:[0-9]+")
_URLS = {
    "practice": re.compile(r"ws://[0-9.]+:[0-9]+"),
    "cmi": re.compile(r"http://[0-9.]+:[0-9]+"),
}
"""What a started exchange prints once it can be reached, by the kind of venue that is wanted."""


@dataclass(frozen=True, slots=True)
class ExchangeAddress:
    """An exchange that answers."""

    url: str
    session: str
    """Which life of the exchange this is."""
    is_ours: bool
    """Started from this run directory, and so stopped from it."""


class _Announcement(msgspec.Struct, frozen=True):
    """What is left in the run directory; a word that could do harm makes it none."""

    url: Annotated[str, msgspec.Meta(pattern=rf"^{_URL.pattern}\Z")] = ""
    session: str = ""
    pid: Annotated[int, msgspec.Meta(gt=1, lt=1 << 31)] | None = None
    """To be ended: 0, 1 and negative numbers are not a process of ours."""


class PracticeExchange:
    """Finds, starts and stops the exchange of one run directory."""

    def __init__(self, run_dir: Path, settings: Settings) -> None:
        self._run_dir = run_dir
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start one at once if none can be there, so that it comes up beside the engine."""
        if self._is_wanted() and not self.announced_url() and not self._fixed_port():
            self._spawn()

    async def ensure(self) -> ExchangeAddress:
        """
        Find an exchange that answers, or start one and wait for it.

        Raises:
            AddressInUse: If something else has the port of the settings.
            EngineUnavailable: If none answers and none can be started.
        """
        if self._process is None:
            found = await self.find()
            if found is not None:
                return found
            if not self._is_wanted():
                # The venue client keeps trying; the screen says that it does.
                return ExchangeAddress(self._settings.venue.url, "", is_ours=False)
            self._spawn()
        return await self._wait()

    def announced_url(self) -> str:
        """Where the exchange of this run directory is, or was; empty if none ever was."""
        return self._announcement().url

    def known_urls(self) -> tuple[str, ...]:
        """Where an engine of these settings would look for the venue, in this order."""
        if self._is_elsewhere():
            return (self._settings.venue.url,)
        fixed = self._settings.venue.url if self._fixed_port() else ""
        return tuple(url for url in (fixed, self.announced_url()) if url)

    async def stop(self) -> None:
        """End the exchange that was started from this run directory, if it still runs."""
        found = await self.find()
        pid = self._announcement().pid
        if found is None or not found.is_ours or pid is None:
            return
        await self._end(pid)
        (self._run_dir / ANNOUNCEMENT).unlink(missing_ok=True)

    async def abandon(self) -> None:
        """End an exchange that was started for a run that did not come about."""
        if self._process is not None:
            await self._end(self._process.pid)
            (self._run_dir / ANNOUNCEMENT).unlink(missing_ok=True)

    async def _end(self, pid: int) -> None:
        """Ask a process to end; one that does not is ended."""
        for request in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError, TimeoutError):
                os.kill(pid, request)
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    while self._is_alive(pid):
                        await asyncio.sleep(_POLL_S)
                return

    def _is_alive(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _is_wanted(self) -> bool:
        return self._settings.venue.start_exchange

    def _is_elsewhere(self) -> bool:
        """Whether the venue is a real one, which must not be asked whether it is ours."""
        return self._settings.venue.kind == "cmi" and not self._is_wanted()

    def _ports(self) -> list[str]:
        port = str(self._fixed_port())
        is_cmi = self._settings.venue.kind == "cmi"
        return ["--port", "0", "--cmi-port", port] if is_cmi else ["--port", port]

    def _fixed_port(self) -> int:
        """Port of the settings; 0 means that the exchange chooses one."""
        return urlsplit(self._settings.venue.url).port or 0

    async def find(self) -> ExchangeAddress | None:
        """Find an exchange that answers; None if none does."""
        if self._is_elsewhere():
            # Somebody else's exchange counts every request, and knows no such address.
            return None
        for url in self.known_urls():
            health = await probe(url)
            if health is not None:
                is_ours = health["session"] == self._announcement().session
                return ExchangeAddress(url, health["session"], is_ours)
        return None

    async def _wait(self) -> ExchangeAddress:
        """Wait until the exchange that was started says where it is, and answers there."""
        assert self._process is not None
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while self._process.poll() is None:
                    url = self._printed_url()
                    health = await probe(url) if url else None
                    if health is not None:
                        self._announce(url, health["session"])
                        return ExchangeAddress(url, health["session"], is_ours=True)
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            reason = f"did not answer within {START_TIMEOUT_S:g} s"
        else:
            reason = f"ended at once: {self._last_words().removeprefix('imc-cockpit: ')}"
            if self._process.returncode == AddressInUse.exit_code:
                raise AddressInUse(f'venue.url = "{self._settings.venue.url}": {reason}')
        raise EngineUnavailable(f"the practice exchange {reason}")

    def _city(self) -> list[str]:
        """Have the same city behind the market that the engine hears of, if it is simulated."""
        city = self._settings.city
        if city.feeds != "simulated" or not city.event:
            return []
        return [
            "--event", city.event, "--city", city.place,
            "--city-seed", str(city.seed), "--city-speed", str(city.speed),
        ]  # fmt: skip

    def _spawn(self) -> None:
        self._run_dir.mkdir(parents=True, exist_ok=True)
        (self._run_dir / ANNOUNCEMENT).unlink(missing_ok=True)
        venue = self._settings.venue
        with (self._run_dir / OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "core.exchange",
                    *self._ports(),
                    "--seed", str(venue.seed),
                    "--speed", str(venue.speed),
                    "--instruments", self._settings.instruments.file,
                    *self._city(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C in the engine's terminal is for the engine alone.
                start_new_session=True,
            )  # fmt: skip

    def _announce(self, url: str, session: str) -> None:
        """Leave word for the engine that comes after a crash of this one."""
        assert self._process is not None
        text = msgspec.json.encode(_Announcement(url, session, self._process.pid))
        unfinished = self._run_dir / f"{ANNOUNCEMENT}.tmp"
        unfinished.write_bytes(text + b"\n")
        unfinished.replace(self._run_dir / ANNOUNCEMENT)

    def _printed_url(self) -> str:
        with suppress(OSError):
            found = _URLS[self._settings.venue.kind].search(
                (self._run_dir / OUTPUT).read_text(errors="replace")
            )
            if found:
                return found.group()
        return ""

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = (self._run_dir / OUTPUT).read_text(errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
        return "it said nothing"

    def _announcement(self) -> _Announcement:
        with suppress(OSError, ValueError, RecursionError):
            return msgspec.json.decode(
                (self._run_dir / ANNOUNCEMENT).read_bytes(), type=_Announcement
            )
        return _Announcement()
