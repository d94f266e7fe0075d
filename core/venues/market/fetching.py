"""What a session wants by HTTP, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetch:
    """Something that a session wants by HTTP GET."""

    instrument: int
    path: str
    """With its query; relative to the venue's HTTP address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a Fetch."""

    status: int
    """Of HTTP; 0 where no answer came."""
    body: bytes
    retry_after_s: float = 0.0
    """How long the venue asks to wait; 0 where it does not say."""
    failure: str = ""
    """Why no answer came."""
