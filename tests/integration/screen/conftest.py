"""Terminals that are closed with their test."""

from __future__ import annotations

import pytest

from tests.integration.terminal import Terminal


@pytest.fixture
def open_terminal():
    """Run a command in a terminal of a size."""
    opened = []

    def run(command, columns=80, rows=24) -> Terminal:
        opened.append(Terminal(command, columns, rows))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()
