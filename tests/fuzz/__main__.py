"""`python -m tests.fuzz [--cases N] [--only NAME] [--seed N]`: feed every decoder nonsense."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.registry import TARGETS, make
from tests.fuzz.runner import Failure, Outcome, run

_HEADINGS = ("decoder", "cases", "seconds", "refused", "accepted", "failures")
_WIDTHS = (18, 10, 8, 10, 10, 8)
_SHOWN_BYTES = 2_000


def main(arguments: list[str] | None = None) -> int:
    """
    Run the targets that are asked for, one after the other.

    Returns:
        0 if nothing failed, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="of each decoder")
    parser.add_argument("--only", action="append", choices=TARGETS, metavar="NAME", default=[])
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same cases")
    asked = parser.parse_args(arguments)
    _say(_row(_HEADINGS))
    broken = 0
    for name in asked.only or TARGETS:
        target = make(name)
        cases = max(1, round(asked.cases * target.per_cent / 100))
        outcome = run(target, cases, asked.seed)
        _say(_row(_cells(name, outcome)))
        if outcome.failure is not None:
            broken += 1
            _say(describe(name, outcome.failure, asked.cases, asked.seed))
    return 1 if broken else 0


def describe(name: str, failure: Failure, cases: int, seed: int) -> str:
    """Say what broke, at what, and how to see it again."""
    shown = "\n".join(f"    {data[:_SHOWN_BYTES]!r}" for data in failure.inputs[:20])
    return (
        f"  case {failure.case}: {failure.error}\n"
        f"  smallest input found ({len(failure.inputs)} in turn):\n{shown}\n"
        f"  again: python -m tests.fuzz --only {name} --cases {cases} --seed {seed}"
    )


def _cells(name: str, outcome: Outcome) -> tuple[str, ...]:
    return (
        name,
        str(outcome.cases),
        f"{outcome.seconds:.1f}",
        str(outcome.refused),
        str(outcome.accepted),
        str(int(outcome.failure is not None)),
    )


def _row(cells: tuple[str, ...]) -> str:
    first, *rest = zip(cells, _WIDTHS, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
