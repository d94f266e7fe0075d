"""The history of parameters: read from notes as the engine writes them."""

from __future__ import annotations

import json

from cockpit.viewmodels.parameter_history import history_lines
from core.api.topics import NoteLine
from core.runtime.pages import _note_line
from tests.unit.cockpit.fake_engine import NS, START_NS


def told(*notes: dict[str, object], width: int = 100) -> list[str]:
    """What is listed of notes that the engine writes, through its own words."""
    lines = [_note_line(n, START_NS + n * NS, fields) for n, fields in enumerate(notes, start=1)]
    return ["".join(text for text, _ in line) for line in history_lines(lines, width)]


CHANGE = {
    "command": "set", "source": "cockpit:7", "key": "strategy.min_signal", "old": 0.35,
    "new": 0.1 + 0.2, "unit": "", "lower": 0.0, "upper": 1.0,
}  # fmt: skip


def test_a_change_says_when_what_and_who() -> None:
    assert told(CHANGE) == [" 14:03:28  strategy.min_signal 0.35 → 0.3  by cockpit:7"]


def test_a_unit_of_several_words_is_kept() -> None:
    (line,) = told({**CHANGE, "unit": "% of equity"})
    assert line.endswith("strategy.min_signal 0.35 → 0.3 % of equity  by cockpit:7")


def test_a_trial_its_end_and_its_keeping_are_told_apart() -> None:
    lines = told(
        {"command": "set", "revert_s": 30.0, "reverts_to": 0.35, **CHANGE},
        {**CHANGE, "source": "trial"},
        {"command": "keep", "source": "cli", "kept": {"strategy.min_signal": 0.3}},
    )
    assert lines[2].endswith("by cockpit:7, for 30 s unless kept")
    assert lines[1].endswith("its trial was over")
    assert lines[0].endswith(f"kept {json.dumps({'strategy.min_signal': 0.3})}  by cli")


def test_the_newest_stands_first_and_other_notes_are_left_out() -> None:
    lines = told(
        CHANGE,
        {"note": "source: none  key: of this", "source": "cli"},
        {"command": "halt", "source": "cockpit:7"},
        {**CHANGE, "source": "cli"},
    )
    assert [line.split()[-1] for line in lines] == ["cli", "cockpit:7"]


def test_nothing_changed_is_said() -> None:
    assert told({"command": "halt", "source": "cli"}) == [
        " no parameter has been changed in this run"
    ]


def test_a_long_line_goes_on_below_and_a_damaged_number_is_shown_as_it_is() -> None:
    notes = (
        NoteLine(
            1, START_NS, "command: set  source: \x1b[31mx  key: k  old: ?  new: 2.5  lower: 0"
        ),
    )
    text = ["".join(part for part, _ in line) for line in history_lines(notes, 30)]
    assert len(text) > 1
    assert "? → 2.5" in text[0]
    assert not any("\x1b" in line for line in text)
