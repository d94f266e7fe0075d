"""
Errors of the engine: two families, and what each asks of its catcher.

CoreError
├── RecoverableError      the supervisor may restart the task that raised it
│   ├── VenueError
│   ├── DecodeError
│   └── FeedRefused
└── FatalError            halt, cancel, exit
    ├── ConfigurationError
    ├── DataError
    ├── JournalError
    ├── EngineUnavailable
    └── AddressInUse
"""

from __future__ import annotations

from pathlib import Path


class CoreError(Exception):
    """Base of every error this project raises on purpose."""


class RecoverableError(CoreError):
    """The supervisor may restart the task that raised this."""


class FatalError(CoreError):
    """Nothing can go on: halt, cancel, exit."""

    exit_code = 70


class VenueError(RecoverableError):
    """A venue refused the connection or broke its own protocol."""

    def __init__(self, venue: str, reason: str) -> None:
        self.venue = venue
        self.reason = reason
        super().__init__(f"{venue}: {reason}")


class DecodeError(RecoverableError):
    """Bytes that are not the message they should be."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")


class FeedRefused(RecoverableError):
    """A source of city data does not serve us: asking again now is no use."""

    def __init__(self, source: str, reason: str, retry_after_s: float | None = None) -> None:
        self.source = source
        self.reason = reason
        self.retry_after_s = retry_after_s
        """When it may be asked again; None if something has to change first, such as a key."""
        super().__init__(f"{source}: {reason}")


class ConfigurationError(FatalError):
    """A setting that cannot be used: where it stands, what is allowed, what was found."""

    exit_code = 2


class DataError(FatalError):
    """A data file that cannot be used."""

    exit_code = 5

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class JournalError(FatalError):
    """The journal cannot be written or read; trading without it is not allowed."""

    exit_code = 70


class EngineUnavailable(FatalError):
    """No engine answers on this run directory."""

    exit_code = 3


class AddressInUse(FatalError):
    """Somebody else holds the port or the socket."""

    exit_code = 2
