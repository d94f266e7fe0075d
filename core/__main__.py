"""
`python -m core`: one engine as a process, as the cockpit starts it.

What else the command line may ask of the engine is in `core.doors`.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.domain.errors import FatalError
from core.doors.choice import Choice, default_run_dir, tell
from core.doors.engine import run_engine
from core.doors.recordings import run_replay
from core.doors.runs import run_replay_of_run


def main(arguments: list[str] | None = None) -> int:
    """Parse what the cockpit passes on, and run one engine."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    parser.add_argument("--profile")
    parser.add_argument("--config", type=Path, action="append", default=[])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--run-dir", type=Path)
    parser.add_argument("--for", dest="limit_s", type=float)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--replay", nargs="+", metavar="DATA", help="recorded data, not a venue")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--replay-run", type=Path, metavar="FOLDER", help="a recorded run")
    parser.add_argument("--part", metavar="A:B", help="per cent of the recording's time")
    options = parser.parse_args(arguments)
    run_dir = options.run_dir or default_run_dir()
    choice = Choice(options.profile, options.config, options.overrides, run_dir)
    with suppress(KeyboardInterrupt):
        try:
            if options.replay_run:
                there = replace(choice, run_dir=options.replay_run.parent)
                return run_replay_of_run(
                    there,
                    str(options.replay_run),
                    options.run_dir,
                    options.speed,
                    ends_itself=False,
                    limit_s=options.limit_s,
                )[0]
            if options.replay:
                return run_replay(
                    choice,
                    options.replay,
                    options.speed,
                    ends_itself=False,
                    limit_s=options.limit_s,
                    part=options.part,
                )[0]
            return run_engine(choice, limit_s=options.limit_s, is_verbose=options.verbose)
        except FatalError as error:
            tell(str(error))
            return error.exit_code
    return 130


if __name__ == "__main__":
    sys.exit(main())
