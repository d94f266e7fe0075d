"""What is wrong with a machine is said before it costs a start."""

from __future__ import annotations

import io
import socket
import sys
from pathlib import Path

import pytest

from core import jit
from core.domain.errors import ConfigurationError
from core.settings import doctor
from core.settings.doctor import Check, State, diagnose
from core.settings.loader import load_settings


def find(name: str, run_dir: Path, **variables: str) -> Check:
    return next(c for c in diagnose(run_dir, environment=variables) if c.name == name)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """A free port, which the settings point at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    use(monkeypatch, f"venue.url=ws://127.0.0.1:{number}")
    return number


def use(monkeypatch: pytest.MonkeyPatch, *overrides: str) -> None:
    loaded = load_settings(None, (), overrides)
    monkeypatch.setattr(doctor, "load_settings", lambda *_: loaded)


def test_nothing_is_changed_by_looking(tmp_path: Path) -> None:
    run_dir = tmp_path / "not" / "there"
    assert find("run directory", run_dir).state is State.OK
    assert not list(tmp_path.iterdir())


def test_an_installation_that_works_has_no_problem(tmp_path: Path, port: int) -> None:
    assert [c for c in diagnose(tmp_path) if c.state is State.PROBLEM] == []


def test_every_check_has_a_name_of_its_own_and_one_line(tmp_path: Path) -> None:
    checks = diagnose(tmp_path)
    assert len({check.name for check in checks}) == len(checks)
    assert all(check.text.isprintable() for check in checks)


def test_an_old_python_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    check = find("python", tmp_path)
    assert (check.state, check.text) == (State.PROBLEM, "3.10.4; 3.11 or newer is needed")


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "textual" else True)
    check = find("libraries", tmp_path)
    assert (check.state, check.text) == (State.PROBLEM, "not installed: textual")


def test_settings_that_cannot_be_read_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ConfigurationError("config/defaults.toml: broken")

    monkeypatch.setattr(doctor, "load_settings", refuse)
    assert find("settings", tmp_path).text == "config/defaults.toml: broken"
    assert find("exchange", tmp_path).state is State.PROBLEM


@pytest.mark.parametrize(("warm", "state"), [(True, State.OK), (False, State.WARNING)])
def test_a_kernel_that_must_be_compiled_first_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: bool, state: State
) -> None:
    monkeypatch.setattr(jit, "is_warm", lambda: warm)
    assert find("kernel", tmp_path).state is state


def test_a_run_directory_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = find("run directory", tmp_path / "file" / "runs")
    assert check.state is State.PROBLEM
    assert "choose another with --run-dir" in check.text


def test_a_disk_that_is_nearly_full_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = doctor.shutil._ntuple_diskusage(10**12, 10**12 - 7_000_000, 7_000_000)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    check = find("run directory", tmp_path)
    assert check.state is State.WARNING
    assert "only 7 MB free" in check.text


def test_a_free_port_is_left_to_the_practice_exchange(tmp_path: Path, port: int) -> None:
    check = find("exchange", tmp_path)
    assert (check.state, check.text) == (
        State.OK,
        f"127.0.0.1:{port} is free for the practice exchange",
    )


def test_somebody_at_the_address_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        use(monkeypatch, f"venue.url=ws://127.0.0.1:{server.getsockname()[1]}")
        assert "something answers at ws://127.0.0.1" in find("exchange", tmp_path).text


def test_an_exchange_that_nobody_starts_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    use(monkeypatch, f"venue.url=ws://127.0.0.1:{port}", "venue.start_exchange=false")
    check = find("exchange", tmp_path)
    assert check.state is State.WARNING
    assert "imc-cockpit exchange" in check.text


def test_recorded_data_needs_no_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "venue.kind=recorded", "venue.start_exchange=false")
    assert find("exchange", tmp_path).text == "recorded data needs none"


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("size", "state"), [((80, 24), State.OK), ((79, 24), State.WARNING), ((80, 23), State.WARNING)]
)
def test_a_small_screen_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], state: State
) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setattr(doctor.shutil, "get_terminal_size", lambda: size)
    check = find("screen", tmp_path, TERM="xterm")
    assert check.state is state
    assert f"{size[0]}x{size[1]}" in check.text


def test_no_terminal_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert "as with --no-ui" in find("screen", tmp_path).text


@pytest.mark.parametrize(
    ("variables", "state"),
    [
        ({"COLORTERM": "truecolor"}, State.OK),
        ({"TERM": "xterm-256color"}, State.OK),
        ({"TERM": "vt100"}, State.WARNING),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, State.WARNING),
    ],
)
def test_colors_are_a_comfort(tmp_path: Path, variables: dict[str, str], state: State) -> None:
    assert find("colors", tmp_path, **variables).state is state


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", State.OK), ("ascii", State.WARNING), ("?", State.WARNING)]
)
def test_an_encoding_without_bars_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, state: State
) -> None:
    screen = Screen()
    screen.encoding = encoding
    monkeypatch.setattr(sys, "stdout", screen)
    assert find("unicode", tmp_path).state is state


def test_recorded_data_is_looked_for_where_the_variable_says(tmp_path: Path) -> None:
    assert find("recorded data", tmp_path, IMC_COCKPIT_DATA=str(tmp_path)).state is State.OK
    missing = find("recorded data", tmp_path, IMC_COCKPIT_DATA=str(tmp_path / "no"))
    assert missing.state is State.WARNING
    assert "is not there" in missing.text
