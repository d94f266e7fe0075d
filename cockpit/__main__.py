"""The command `imc-cockpit`, and `python -m cockpit`: may be interrupted while still loading."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; loading it takes a moment, and Ctrl-C in it is no crash."""
    try:
        from cockpit.cli import run

        sys.exit(run())
    except KeyboardInterrupt:
        sys.stderr.write("imc-cockpit: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
