"""`python -m core`: one engine as a process, as the cockpit starts it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.domain.errors import FatalError


def run_engine(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path | None,
    *,
    limit_s: float | None = None,
    is_verbose: bool = False,
    report: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201  the terminal is the interface here
) -> int:
    """
    Read the settings and run an engine in the foreground.

    Returns:
        The exit code of the command line's contract.

    Raises:
        FatalError: If it could not start; carries its exit code.
    """
    # Checked first: a wrong setting must not cost the time of loading the engine.
    from core.settings.loader import load_settings
    from core.settings.paths import default_run_dir

    loaded = load_settings(profile, files, overrides)
    from core.assembly import RunOptions, run_live

    return run_live(
        RunOptions(
            settings=loaded.settings,
            run_dir=run_dir or default_run_dir(),
            limit_s=limit_s,
            is_verbose=is_verbose,
            report=report,
        )
    )


def main(arguments: list[str] | None = None) -> int:
    """Parse what the cockpit passes on, and run."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    parser.add_argument("--profile")
    parser.add_argument("--config", type=Path, action="append", default=[])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--run-dir", type=Path)
    parser.add_argument("--for", dest="limit_s", type=float)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    try:
        return run_engine(
            options.profile,
            options.config,
            options.overrides,
            options.run_dir,
            limit_s=options.limit_s,
            is_verbose=options.verbose,
        )
    except FatalError as error:
        sys.stderr.write(f"imc-cockpit: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
