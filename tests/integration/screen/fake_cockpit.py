"""A cockpit on an engine of memory, in the look of the terminal it runs in."""

from __future__ import annotations

import sys

from cockpit.app import CockpitApp
from cockpit.cli.screen import look_here
from tests.unit.cockpit.fake_engine import live_engine

if __name__ == "__main__":
    CockpitApp(live_engine, look=look_here("auto", sys.argv[1])).run()
