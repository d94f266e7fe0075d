"""One run directory for each test that starts processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.program import Program


@pytest.fixture
def program(tmp_path, compiled_kernel) -> Iterator[Program]:
    """The program in a world of its own."""
    program = Program(tmp_path / "run")
    yield program
    program.close()


@pytest.fixture(scope="module")
def make_program(tmp_path_factory, compiled_kernel):
    """Make programs that live as long as a module's tests."""
    made = []

    def make(*options: str) -> Program:
        made.append(Program(tmp_path_factory.mktemp("world"), *options))
        return made[-1]

    yield make
    for program in made:
        program.close()
