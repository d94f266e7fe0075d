"""`imc-cockpit screenshot`: a running engine, from outside, into a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.program import Program

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]


@pytest.fixture(scope="module")
def running(make_program) -> Program:
    program = make_program()
    program.start_engine()
    return program


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG")])
def test_a_running_engine_is_drawn(running: Program, tmp_path: Path, name: str, start: bytes):
    told = running.call("screenshot", str(tmp_path / name))
    assert (told.code, told.out) == (0, f"{tmp_path / name}\n")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_page_size_theme_and_instrument_are_as_asked(running: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    words = ("--size", "90x30", "--theme", "light", "--instrument", "7_ETF")
    assert running.call("screenshot", str(path), *words).code == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 30
    assert max(map(len, lines)) <= 90
    assert "7_ETF" in path.read_text(encoding="utf-8")
    told = running.call("screenshot", str(path), "--page", "about", "--force")
    assert told.code == 0
    assert "About" in path.read_text(encoding="utf-8")


def test_without_a_file_a_free_name_is_found_and_printed(
    running: Program, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [running.call("screenshot").out.strip() for _ in range(2)]
    assert names[0].endswith("-practice-" + names[0][-13:-9] + "-main.svg")
    assert names[1] == names[0].replace("-main.svg", "-main-2.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.bmp",), "a.bmp ends in .bmp; allowed: .svg, .png, .txt"),
        (("--page", "order"), "did you mean orders?"),
        (("--theme", "pink"), "there is no theme 'pink'; allowed: dark, light"),
        (("--instrument", "GOLD"), "the engine has no instrument 'GOLD'; it has 1_Eisbach"),
        (("--size", "10x90"), "'10x90' is not a size from 20x5 to 400x120"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_what_can(running, words, said) -> None:
    told = running.run("screenshot", *words)
    assert told.code == 2
    assert said in told.sentence


def test_a_file_that_is_there_is_not_replaced(running: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text("precious")
    told = running.call("screenshot", str(path))
    assert told.code == 2
    assert "exists already" in told.err
    assert path.read_text() == "precious"


def test_without_an_engine_it_says_so_as_attach_does(tmp_path: Path) -> None:
    told = Program(tmp_path).call("screenshot", str(tmp_path / "a.svg"))
    assert told.code == 3
    assert f"no engine runs in {tmp_path}" in told.err
    assert not (tmp_path / "a.svg").exists()
