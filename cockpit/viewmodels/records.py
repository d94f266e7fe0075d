"""What was written: the engine's log, the journal's notes, and what the engine is."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line, Segment, Tone, fit, plain, wrap
from cockpit.viewmodels.numbers import clock, number
from core.api.topics import About, LogLevel, LogLine, LogLines, NoteLine

LEVELS: tuple[LogLevel, ...] = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TONES: dict[LogLevel, Tone] = {
    "DEBUG": "dim",
    "INFO": "text",
    "WARNING": "warn",
    "ERROR": "alarm",
    "CRITICAL": "alarm",
}
_MARKS: dict[LogLevel, str] = {
    "DEBUG": "·",
    "INFO": " ",
    "WARNING": "!",
    "ERROR": "✗",
    "CRITICAL": "■",
}
MODULE = 18
INDENT = 12


def matching(log: LogLines, least: LogLevel, needle: str) -> list[LogLine]:
    """Lines of a level and above whose module or text has what is looked for."""
    from_place = LEVELS.index(least)
    wanted = needle.casefold()
    return [
        line
        for line in log.lines
        if LEVELS.index(line.level) >= from_place
        and (wanted in line.text.casefold() or wanted in line.module.casefold())
    ]


def log_lines(log: LogLines, least: LogLevel, needle: str, width: int) -> list[Line]:
    """Newest first: a new line pushes the others down, and the eye stays at the top."""
    found = matching(log, least, needle)
    head: list[Line] = [
        (
            (f" {number(len(found), 0)} of {number(len(log.lines), 0)} lines", "dim"),
            (f"   {least.lower()} and above", "text"),
            (f"   with {needle!r}" if needle else "", "accent"),
            (f"   {log.dropped} lines lost" if log.dropped else "", "warn"),
        ),
        (),
    ]
    for line in reversed(found):
        head += _log_rows(line, width)
    return head


def _log_rows(line: LogLine, width: int) -> list[Line]:
    tone = _TONES[line.level]
    module = line.module.removeprefix("core.")
    roomy = width >= 100
    room = width - INDENT - (MODULE + 1 if roomy else 0)
    first, *rest = wrap(plain(line.text), max(8, room))
    origin: list[Segment] = [(f"{fit(module, MODULE)} ", "dim")] if roomy else []
    return [
        (
            (f" {clock(line.ts_ns)} ", "dim"),
            (f"{_MARKS[line.level]} ", tone),
            *origin,
            (first, tone),
        ),
        *(((" " * (width - room) + row, tone),) for row in rest),
    ]


def note_lines(notes: tuple[NoteLine, ...], needle: str, width: int) -> list[Line]:
    """What a person wants to know of the journal, newest first."""
    wanted = needle.casefold()
    found = [note for note in notes if wanted in note.text.casefold()]
    looked = f"   with {needle!r}" if needle else ""
    lines: list[Line] = [
        ((f" {number(len(found), 0)} of {number(len(notes), 0)} notes", "dim"), (looked, "accent")),
        (),
    ]
    for note in reversed(found):
        first, *rest = wrap(plain(note.text), max(8, width - 22))
        lines.append(
            ((f" {clock(note.ts_ns)} ", "dim"), (f"{note.seq:>9}  ", "faint"), (first, "text"))
        )
        lines += [((" " * 21 + row, "text"),) for row in rest]
    return lines


def about_lines(about: About, needle: str, width: int) -> list[Line]:
    """What the engine is and where it keeps things; its settings below."""
    wanted = needle.casefold()
    lines: list[Line] = [
        ((f" {name:<14}", "dim"), (fit(plain(value), width - 16), "text"))
        for name, value in about.facts
    ]
    lines += [(), ((" Settings", "title"), ("   what is live is in t", "dim"))]
    lines += [
        ((f"   {key:<36}", "dim"), (plain(value), "text"))
        for key, value in about.settings
        if wanted in key.casefold()
    ]
    return lines
