"""What people asked for, told again from the journal's notes."""

from __future__ import annotations

import pytest

from core.journal.reader import Note
from core.runtime.retold import is_by_a_person, retell

SET = {
    "command": "set", "args": {"key": "risk.a", "value": "3"}, "source": "cockpit:7",
    "key": "risk.a", "old": 2.5, "new": 3.0, "unit": "%", "lower": 0.0, "upper": 9.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": "pause", "args": {}, "source": "cli:2"}, ("command", "info", "pause (cli:2)")),
        (
            {"command": "buy", "args": {"instrument": "7_ETF", "quantity": "3"}, "source": "cli:2"},
            ("command", "info", "buy 7_ETF 3 (cli:2)"),
        ),
        (SET, ("command", "info", "risk.a 2.5 -> 3 %, by cockpit:7")),
        (
            {**SET, "revert_s": 30.0},
            ("command", "info", "risk.a 2.5 -> 3 %, by cockpit:7, for 30 s unless kept"),
        ),
        (
            {**SET, "unit": "", "source": "trial"},
            ("command", "warning", "trial over: risk.a 2.5 -> 3"),
        ),
        ({"command": "halt", "args": None}, ("command", "info", "halt (unknown)")),
        ({"note": "spread looks odd", "source": "ann"}, ("note", "info", "spread looks odd (ann)")),
        ({"began": True, "trading_state": "ACTIVE"}, ("engine", "info", "run R began")),
        (
            {"restored_from": "Q", "keep_books": True, "damage": ""},
            ("engine", "info", "continues run Q"),
        ),
        (
            {"restored_from": "Q", "damage": "it is cut"},
            ("engine", "alarm", "run Q is not continued whole: it is cut"),
        ),
        (
            {"killed": {"ts_ns": 1}},
            ("engine", "alarm", "begun after a kill: halted until somebody resumes"),
        ),
        ({"trading_state": "HALTED", "reason": "RUNAWAY"}, None),
        ({"exchange_session": "x", "url": "ws://h", "lease": 3}, None),
    ],
)
def test_a_note_becomes_a_sentence_or_nothing(fields, told) -> None:
    """The state's own notes are left out: the events say them."""
    assert retell(Note(5, 7, fields), "R") == told


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"command": "pause", "source": "cli:2"}, True),
        ({"note": "odd", "source": "ann"}, True),
        ({**SET, "source": "trial"}, False),
        ({"began": True}, False),
    ],
)
def test_only_a_persons_notes_are_places_to_go_to(fields, expected) -> None:
    assert is_by_a_person(Note(5, 7, fields)) is expected
