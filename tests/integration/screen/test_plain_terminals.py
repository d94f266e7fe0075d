"""What is really sent to terminals that can do little."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0

pytestmark = pytest.mark.integration


def sent_to(theme: str, **environ: str) -> bytes:
    """Everything that a cockpit writes, from its start until it is left with q and d."""
    master, slave = pty.openpty()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.screen.fake_cockpit", theme],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=kept | {"COLUMNS": "100", "LINES": "30"} | environ,
        start_new_session=True,
    )
    os.close(slave)
    written = b""
    is_asked = False
    deadline_s = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline_s:
            if not select.select([master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(master, 65_536)
            except OSError:
                break
            if not data:
                break
            written += data
            if not is_asked and b"cancel-all" in written and b"3,412.5" in written:
                is_asked = True
                os.write(master, b"q")
            elif is_asked and b"detach" in written:
                os.write(master, b"d")
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert b"Detached" in written, written[-2000:]
    return written


def colors(written: bytes) -> set[bytes]:
    """Kinds of colors that were asked for: 16, 256 or truecolor."""
    found = set()
    for codes in re.findall(rb"\x1b\[([0-9;]*)m", written):
        if re.search(rb"(^|;)[34]8;2;", codes):
            found.add(b"truecolor")
        elif re.search(rb"(^|;)[34]8;5;", codes):
            found.add(b"256")
        elif re.search(rb"(^|;)(3[0-7]|4[0-7]|9[0-7]|10[0-7])(;|$)", codes):
            found.add(b"16")
    return found


def is_plain(written: bytes) -> bool:
    return max(written) < 0x80


@pytest.mark.parametrize(
    ("environ", "asked", "plain"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}, "truecolor", 0),
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "256", 0),
        ({"TERM": "xterm-16color", "LANG": "C.UTF-8"}, "16", 0),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, "16", 1),
        ({"TERM": "vt220", "LANG": "C.UTF-8"}, "", 1),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"}, "", 0),
        ({"TERM": "xterm-256color", "LANG": "C"}, "256", 1),
        ({"TERM": "xterm-256color", "LC_ALL": "C"}, "256", 1),
        (
            {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
            "256",
            1,
        ),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
def test_a_terminal_is_sent_what_it_can_show_and_nothing_else(environ, asked, plain) -> None:
    written = sent_to("light", **environ)
    assert colors(written) == ({asked.encode()} if asked else set())
    assert is_plain(written) is bool(plain)
    assert b"\\u" not in written
