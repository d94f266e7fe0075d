"""What people asked for in a run, told again from the notes of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.commands import CommandName
from core.journal.reader import Note
from core.runtime.recovery import BEGAN

_TRIAL = "trial"
"""Who sets a parameter back when its trial is over."""


def is_by_a_person(note: Note) -> bool:
    """Whether somebody asked for something here, or wrote something down."""
    return "source" in note.fields and note.fields["source"] != _TRIAL


def retell(note: Note, run_id: str) -> tuple[str, str, str] | None:
    """
    Say what a note means to a person.

    Args:
        note: Of the journal.
        run_id: Whose journal.

    Returns:
        Kind, severity and text of a notice; None for what events themselves tell.
    """
    fields = note.fields
    if "command" in fields:
        return ("command", *_command(fields))
    if "note" in fields:
        return "note", "info", f"{fields['note']} ({fields.get('source', 'unknown')})"
    return _beginning(fields, run_id)


def _beginning(fields: Mapping[str, Any], run_id: str) -> tuple[str, str, str] | None:
    """What was written down while the run began."""
    if "killed" in fields:
        return "engine", "alarm", "begun after a kill: halted until somebody resumes"
    if fields.get("damage"):
        text = f"run {fields.get('restored_from')} is not continued whole: {fields['damage']}"
        return "engine", "alarm", text
    if "restored_from" in fields:
        return "engine", "info", f"continues run {fields['restored_from']}"
    return ("engine", "info", f"run {run_id} began") if BEGAN in fields else None


def _command(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Severity and text of a command with who gave it."""
    name, source = str(fields["command"]), str(fields.get("source", "unknown"))
    if name == CommandName.SET and {"key", "old", "new"} <= fields.keys():
        unit = f" {fields['unit']}" if fields.get("unit") else ""
        change = f"{fields['key']} {fields['old']:.12g} -> {fields['new']:.12g}{unit}"
        if source == _TRIAL:
            return "warning", f"trial over: {change}"
        length = f", for {fields['revert_s']:g} s unless kept" if "revert_s" in fields else ""
        return "info", f"{change}, by {source}{length}"
    args = fields.get("args") or {}
    said = args.values() if isinstance(args, dict) else ()
    words = [name, *(str(word) for word in said)]
    return "info", f"{' '.join(words)} ({source})"
