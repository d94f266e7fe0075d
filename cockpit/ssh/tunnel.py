"""A socket here that is an engine's socket on another machine."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from cockpit.ssh.refusals import sentence
from cockpit.ssh.remote import NO_SSH, QUIET, SSH, Remote
from core.api.address import socket_path
from core.domain.errors import EngineUnavailable

START_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 2.0
_POLL_S = 0.05
_FORWARDING = (
    "-o", "ExitOnForwardFailure=yes",
    "-o", "StreamLocalBindUnlink=yes",
    "-o", "StreamLocalBindMask=0177",
    # A line that is gone is noticed after a quarter of a minute.
    "-o", "ServerAliveInterval=5",
    "-o", "ServerAliveCountMax=3",
    "-o", "ControlMaster=no",
    "-o", "ControlPath=none",
    # Snapshots resemble each other: compressed they are a fraction.
    "-C",
)  # fmt: skip
_UNTIL_WE_ARE_GONE = "cat >/dev/null"
"""Instead of -N: ends with our end of its input, so that no ssh outlives a killed cockpit."""


class Tunnel:
    """
    One ssh that forwards, started again whenever it is needed and gone.

    Args:
        remote: The engine's place.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.run_dir = Path(tempfile.mkdtemp(prefix="imc-ssh-"))
        """A folder of its own, in which the engine's socket appears."""
        self._errors = self.run_dir / "ssh.err"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self._socket.unlink(missing_ok=True)
        shutil.rmtree(self.run_dir, ignore_errors=True)

    @property
    def complaint(self) -> str:
        """What ssh says is wrong, as a sentence; empty while it says nothing."""
        with contextlib.suppress(OSError):
            said = self._errors.read_text(errors="replace")
            if said.strip():
                return sentence(self.remote.destination, said)
        return ""

    async def open(self) -> bool:
        """
        Have the socket ready: keep the ssh that runs, or start one.

        Returns:
            Whether one was started. One that is kept may be about to die.

        Raises:
            EngineUnavailable: If it cannot be had now; says why.
        """
        if self._process is not None and self._process.poll() is None and self._socket.exists():
            return False
        self.close()
        self._start()
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._wait()
        except TimeoutError:
            self.close()
            raise EngineUnavailable(
                f"{self.remote.destination}: ssh has not connected for {START_TIMEOUT_S:g} s"
            ) from None
        return True

    def close(self) -> None:
        """End ssh, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def _socket(self) -> Path:
        return socket_path(self.run_dir)

    def _start(self) -> None:
        # What a dead ssh left would look ready.
        self._socket.unlink(missing_ok=True)
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        forward = f"{self._socket}:{self.remote.socket}"
        try:
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(
                    [SSH, *QUIET, *_FORWARDING, "-L", forward, "--", self.remote.destination,
                     _UNTIL_WE_ARE_GONE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    # Keys and signals of the terminal are the cockpit's.
                    start_new_session=True,
                )  # fmt: skip
        except FileNotFoundError:
            raise EngineUnavailable(NO_SSH) from None

    async def _wait(self) -> None:
        assert self._process is not None
        while not self._socket.exists():
            if self._process.poll() is not None:
                raise EngineUnavailable(
                    self.complaint or f"{self.remote.destination}: ssh ended without a word"
                )
            await asyncio.sleep(_POLL_S)
