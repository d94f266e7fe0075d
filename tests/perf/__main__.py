"""`python -m tests.perf [--only NAME]`: measure, print a table, write `bench.json`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
import traceback
from pathlib import Path

from tests.perf.registry import MEASURES, run
from tests.perf.row import Row, Unmeasurable, number

OUTPUT = Path("bench.json")
_HEADINGS = ("measure", "value", "unit", "reference", "is", "ratio", "target", "")


def main(arguments: list[str] | None = None) -> int:
    """
    Run the measures that are asked for, one after the other.

    Returns:
        0 if every one came to its end, whatever it measured; 1 if one broke.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("--only", action="append", choices=MEASURES, metavar="NAME", default=[])
    names = parser.parse_args(arguments).only or MEASURES
    _say(machine())
    rows: list[Row] = []
    broken = 0
    for name in names:
        started_s = time.perf_counter()
        _say(f"{name} ...")
        try:
            measured = run(name)
        except Unmeasurable as reason:
            measured = [Row(name, None, "", note=str(reason))]
        except Exception as error:  # noqa: BLE001  one broken measure must not cost the others
            traceback.print_exc()
            broken += 1
            measured = [Row(name, None, "", note=f"broke: {type(error).__name__}: {error}")]
        _say(f"{name}: {time.perf_counter() - started_s:.0f} s")
        rows += measured
    sys.stdout.write(table(rows) + "\n")
    OUTPUT.write_text(json.dumps([row.to_json() for row in rows], indent=2) + "\n")
    return 1 if broken else 0


def machine() -> str:
    """Describe where the figures come from: a figure without its machine means little."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, {model}, {platform.system()}, "
        f"Python {platform.python_version()}; load before {load}"
    )


def table(rows: list[Row]) -> str:
    """Align the rows under their headings; notes stand below the figures they explain."""
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    lines = []
    for index, line in enumerate(cells):
        lines.append(_aligned(line, widths))
        if index == 0:
            lines.append("  ".join("-" * width for width in widths))
        elif rows[index - 1].note:
            lines.append(f"    {rows[index - 1].note}")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "ok", False: "MISSED", None: ""}[row.is_ok]
    return (
        row.name,
        number(row.value),
        row.unit,
        row.reference,
        number(row.reference_value) if row.reference else "",
        number(row.ratio) if row.ratio is not None else "",
        str(row.target or ""),
        verdict,
    )


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    numbers = {1, 4, 5}
    return "  ".join(
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ).rstrip()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    # Ended from outside, a measure still has children and folders to take away.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(130)
