"""
What ssh does, on one machine: runs a command, or forwards a socket until its input ends.

FAKE_SSH_SAYS makes it complain and fail, as ssh does when it cannot log in. Every start is
noted in FAKE_SSH_LOG.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from socket import AF_UNIX, SHUT_WR, SOCK_STREAM, socket
from threading import Thread

OF_SSH = 255


def main(words: list[str]) -> int:
    """Play ssh."""
    with Path(os.environ["FAKE_SSH_LOG"]).open("a") as log:
        log.write(f"{os.getpid()} {words}\n")
    says = os.environ.get("FAKE_SSH_SAYS", "")
    if says:
        sys.stderr.write(f"{says}\n")
        return OF_SSH
    command = words[words.index("--") + 2]
    if "-L" not in words:
        return subprocess.run(["/bin/sh", "-c", command], check=False).returncode
    here, there = words[words.index("-L") + 1].split(":")
    Thread(target=forward, args=(here, there), daemon=True).start()
    sys.stdin.read()
    return 0


def forward(here: str, there: str) -> None:
    """Carry every connection over."""
    with socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind(here)
        listener.listen()
        while True:
            near, _ = listener.accept()
            far = socket(AF_UNIX, SOCK_STREAM)
            try:
                far.connect(there)
            except OSError as error:
                sys.stderr.write(f"channel 2: open failed: connect failed: {error.strerror}\n")
                sys.stderr.flush()
                near.close()
                continue
            Thread(target=carry, args=(near, far), daemon=True).start()
            Thread(target=carry, args=(far, near), daemon=True).start()


def carry(source: socket, sink: socket) -> None:
    """Carry one direction to its end."""
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(SHUT_WR)
    except OSError:
        sink.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
