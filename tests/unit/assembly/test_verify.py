"""Which run is meant, how its verification is told, and the exit code of each end."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import jit
from core.assembly.verify import DAMAGED, DIFFERENT, IDENTICAL, verify_run
from core.domain.errors import ConfigurationError, DataError
from core.journal.manifest import JOURNAL
from tests.unit.runtime.test_verify import change, trade

RUN = "20261120T140327-practice-4f1c"


def told(run: str, run_dir: Path, profile: str | None = None):
    """Exit code, document and lines of text."""
    code, document, text = verify_run(run, profile, run_dir, [run_dir], lambda _: None)
    return code, document, text.splitlines()


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    trade(tmp_path / RUN)
    return tmp_path


@pytest.mark.parametrize("name", [RUN, "latest"])
@pytest.mark.parametrize("profile", [None, "practice"])
def test_a_run_is_found_by_its_name_or_as_the_latest(run_dir, name, profile) -> None:
    code, document, lines = told(name, run_dir, profile)
    assert code == IDENTICAL
    assert document["run_id"] == RUN
    assert lines[0] == f"run {RUN}: identical, byte for byte"
    assert len(lines) == 2


@pytest.mark.parametrize("inside", ["", JOURNAL])
def test_a_run_is_found_by_its_folder_and_by_its_journal(run_dir, inside) -> None:
    """Wherever it is: a run that somebody sent is no run of this directory."""
    assert told(str(run_dir / RUN / inside), run_dir / "elsewhere")[0] == IDENTICAL


def test_the_latest_run_is_that_of_the_profile_that_is_asked_for(run_dir) -> None:
    with pytest.raises(DataError, match="latest: there is no run of profile paper in"):
        told("latest", run_dir, "paper")


def test_a_run_that_is_not_there_is_said_to_be_none(run_dir) -> None:
    with pytest.raises(DataError, match="nix: is no folder of a run and no run in"):
        told("nix", run_dir)


def test_a_signal_that_is_gone_is_a_wrong_setting(tmp_path: Path) -> None:
    trade(tmp_path / RUN, signal="no_such_module:mine", signal_hash="00aa")
    with pytest.raises(ConfigurationError, match="there is no module no_such_module"):
        told(RUN, tmp_path)


def test_other_code_is_told_with_both_fingerprints(tmp_path: Path) -> None:
    trade(tmp_path / RUN, kernel_hash="00aa", layout="00aa")
    code, document, lines = told(RUN, tmp_path)
    assert code == IDENTICAL
    assert document["kernel"] == {"recorded": "00aa", "now": jit.kernel_hash()}
    assert lines[2:] == [
        f"kernel: {jit.kernel_hash()} now, 00aa then: the code has changed since",
        "saved states were not compared: the state of this version has another layout",
    ]


def test_what_a_crash_kept_from_being_written_is_told(tmp_path: Path) -> None:
    trade(tmp_path / RUN, dies=True)
    code, document, lines = told(RUN, tmp_path)
    assert (code, document["unrecorded"]) == (IDENTICAL, 1)
    assert lines[2].startswith("not compared: 1 newest decisions")


def test_a_difference_wins_over_damage_behind_it(run_dir: Path) -> None:
    change(run_dir / RUN, "DELETE FROM decisions WHERE seq = (SELECT min(seq) FROM decisions)")
    code, document, lines = told(RUN, run_dir)
    assert code == DIFFERENT
    assert document["first_difference"]["recorded"] == "nothing"
    assert lines[0] == f"run {RUN}: DIFFERENT"
    assert lines[2] == "  recorded: nothing"


def test_damage_is_neither_identical_nor_different(run_dir: Path) -> None:
    change(run_dir / RUN, "DELETE FROM events WHERE seq = 5")
    code, document, lines = told(RUN, run_dir)
    assert code == DAMAGED
    assert (document["identical"], document["first_difference"]) == (False, None)
    assert document["damage"] == lines[2].removeprefix("damaged: ")
    assert "event 5 is missing" in document["damage"]
