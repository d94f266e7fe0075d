"""`python -m tests.chaos [--seeds N] [--from N] [--seed N] [--jobs N]`: break things by seed."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from core.runtime.warm import warm
from tests.chaos.runner import Failure, run
from tests.chaos.script import Script, make_script
from tests.chaos.shrink import shrink

_SHRUNK = 3
"""Failing seeds that are cut down; the others are only named."""


def main(arguments: list[str] | None = None) -> int:
    """
    Run seeds and tell which fail.

    Returns:
        0 if every seed held, 1 if one did not.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first one")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    seeds = (
        range(options.first, options.first + options.seeds)
        if options.seed is None
        else [options.seed]
    )
    warm(_say)
    started_s = time.perf_counter()
    failed: list[tuple[int, Failure]] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed, failure in zip(seeds, pool.map(_run_seed, seeds, chunksize=4), strict=True):
            if failure is not None:
                _say(f"seed {seed}: {failure.text}")
                failed.append((seed, failure))
    seconds = time.perf_counter() - started_s
    for seed, failure in failed[:_SHRUNK]:
        _say(_report(seed, failure))
    _say(f"{len(seeds)} seeds in {seconds:.0f} s, {len(failed)} failed")
    return 1 if failed else 0


def _run_seed(seed: int) -> Failure | None:
    return run(make_script(seed))


def shrunk(script: Script, failure: Failure) -> Script:
    """Cut a script down to what it takes to break the same invariant."""

    def fails(candidate: Script) -> bool:
        found = run(candidate)
        return found is not None and found.invariant == failure.invariant

    return shrink(script, fails)


def _report(seed: int, failure: Failure) -> str:
    script = shrunk(make_script(seed), failure)
    return (
        f"\nseed {seed} breaks {failure.invariant!r}; again with: "
        f"python -m tests.chaos --seed {seed}\nas a test: assert run({script}) is None\n"
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
