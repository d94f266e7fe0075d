"""
Log lines that never hold up trading and never tell a secret.

loguru hands each record to a bounded queue; a thread writes it. Where the queue is full
the line is dropped and counted, and the count is shown on the screen.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from loguru import logger
from pydantic import SecretStr

from core.api.topics import MAX_ROWS, LogLevel, LogLine, LogLines
from core.domain.errors import ConfigurationError
from core.domain.redaction import REDACTED, forms_of, redact
from core.settings.model import LogSettings

if TYPE_CHECKING:
    from loguru import Message, Record

LOG_FILE = "engine.jsonl"

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_PATIENCE_S = 2.0
_DEEPEST = 6

_SENSITIVE = r"(?:api[_-]?key|apikey|secret|token|passw(?:or)?d|authorization|signature)"
_SENSITIVE_NAME = re.compile(_SENSITIVE, re.IGNORECASE)
_PATTERNS = (
    # Authorization: Bearer abc, and its kin in headers and reprs of headers.
    re.compile(r"(?i)\b((?:bearer|basic|digest)\s+)[A-Za-z0-9._~+/=-]{4,}"),
    # api_key=abc, "token": "abc", secret: abc, ?signature=abc&
    re.compile(
        rf"(?i)({_SENSITIVE}[\w-]*[\"']?\s*[=:]\s*[\"']?)(?!\s*(?:bearer|basic|digest)\b)"
        r"[^\s\"'&,;}\])]+"
    ),
    # wss://user:password@host
    re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]*(?=@)"),
)


class Redactor:
    """Takes secrets out of text: the values it was told, and whatever looks like one."""

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        self._values: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: SecretStr) -> None:
        """Remember a value, and the forms in which URLs, JSON and reprs would show it."""
        forms = forms_of(secret.get_secret_value())
        # Longest first, or a secret within another would leave the rest standing.
        self._values = tuple(sorted({*self._values, *forms}, key=len, reverse=True))

    def text(self, text: str) -> str:
        """Redact one text."""
        text = redact(text, self._values)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<1>{REDACTED}", text)
        return text

    def value(self, value: object, depth: int = 0) -> Any:
        """Redact anything that may stand in a record, as something JSON can say."""
        if value is None or isinstance(value, bool | int | float):
            return value
        # Deeper than this, or in a circle, text is good enough.
        if depth < _DEEPEST and isinstance(value, Mapping):
            return {self.text(str(key)): self._item(key, value[key], depth + 1) for key in value}
        if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self.value(item, depth + 1) for item in value]
        return self.text(str(value))

    def _item(self, key: object, value: object, depth: int) -> Any:
        return REDACTED if _SENSITIVE_NAME.search(str(key)) else self.value(value, depth)


class _Target(Protocol):
    """Where lines end up."""

    def write(self, line: str) -> None: ...

    def close(self) -> None: ...


class _RotatingFile:
    """A file that is renamed to `.1`, `.2`, … when it is full; the oldest goes."""

    def __init__(self, path: Path, max_bytes: int, older_files: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._older_files = older_files
        self._file = self._open()

    def write(self, line: str) -> None:
        encoded = (line + "\n").encode("utf-8", "backslashreplace")
        length = self._file.tell()
        if length and length + len(encoded) > self._max_bytes:
            self._rotate()
        self._file.write(encoded)

    def close(self) -> None:
        self._file.close()

    def _open(self) -> FileIO:
        # Unbuffered: what a full disk refused must not come back with a later line.
        return FileIO(self._path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))

    def _rotate(self) -> None:
        self._file.close()
        try:
            for number in range(self._older_files - 1, 0, -1):
                older = self._older(number)
                if older.exists():
                    older.replace(self._older(number + 1))
            self._path.replace(self._older(1))
        finally:
            self._file = self._open()

    def _older(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class _Stream:
    """Standard error, which stays open."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing: whoever opened it closes it."""


class _Sink:
    """A bounded queue and the thread that empties it into a target."""

    def __init__(self, target: _Target, line: Callable[[Record], str], capacity: int) -> None:
        self._target = target
        self._line = line
        self._waiting: queue.Queue[Record | None] = queue.Queue(capacity)
        self._overflowed = 0
        self._failed = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that did not fit into the queue or could not be written."""
        return self._overflowed + self._failed

    def accept(self, message: Message) -> None:
        """Take a record without ever waiting. loguru calls this one thread at a time."""
        try:
            self._waiting.put_nowait(message.record)
        except queue.Full:
            self._overflowed += 1

    def close(self) -> None:
        """Write what waits, but do not wait for a target that is stuck."""
        if not self._thread.is_alive():
            return
        try:
            self._waiting.put(None, timeout=_PATIENCE_S)
        except queue.Full:
            return
        self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        while (record := self._waiting.get()) is not None:
            try:
                self._target.write(self._line(record))
            except Exception:  # noqa: BLE001  a log line must not end the log, whatever its values do
                self._failed += 1
        self._target.close()


class _Recent:
    """The newest records, for screens; secrets are taken out when somebody reads them."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._records: deque[tuple[int, Record]] = deque(maxlen=MAX_ROWS)
        self._count = 0

    def accept(self, message: Message) -> None:
        """Keep a record."""
        self._count += 1
        self._records.append((self._count, message.record))

    def lines(self) -> tuple[LogLine, ...]:
        """Read them, oldest first."""
        return tuple(self._line(number, record) for number, record in list(self._records))

    def _line(self, number: int, record: Record) -> LogLine:
        level = record["level"].name
        text = record["message"]
        if record["exception"] is not None:
            text = (
                f"{text} ({record['exception'].type.__name__ if record['exception'].type else ''})"
            )
        return LogLine(
            number=number,
            ts_ns=int(record["time"].timestamp() * 1e9),
            level=cast("LogLevel", level if level in _LEVELS else "ERROR"),
            module=record["name"] or "",
            text=_CONTROLS.sub("?", self._redactor.text(text)),
        )


class _Intercept(logging.Handler):
    """Sends what libraries log by the standard module the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in _LEVELS else "ERROR"
        log = logger.bind(library=record.name).opt(exception=record.exc_info)
        log.log(level, record.getMessage())


class Logs:
    """The running log. `close` writes what waits and gives loguru and logging back."""

    def __init__(self, redactor: Redactor, sinks: Sequence[_Sink], level: str) -> None:
        self._redactor = redactor
        self._sinks = sinks
        self._recent = _Recent(redactor)
        logger.remove()
        self._handlers = [
            # The sinks format. loguru's own formatting would print the values of variables.
            logger.add(accept, level=level, format="", diagnose=False, backtrace=False)
            for accept in (*(sink.accept for sink in sinks), self._recent.accept)
        ]
        self._intercept = _Intercept(logging.WARNING)
        logging.getLogger().addHandler(self._intercept)

    @property
    def dropped(self) -> int:
        """Lines lost so far, because a queue was full or a disk did not take them."""
        return sum(sink.dropped for sink in self._sinks)

    def recent(self) -> LogLines:
        """Read the newest lines, without secrets."""
        return LogLines(self._recent.lines(), self.dropped)

    def redacted(self, text: str) -> str:
        """Take secrets out of a text that goes elsewhere: a manifest, a journal, a screen."""
        return self._redactor.text(text)

    def redact(self, secret: SecretStr) -> None:
        """Keep a value that became known later out of every further line."""
        self._redactor.add(secret)

    def close(self) -> None:
        """Write what waits, then stop. Closing twice is no error."""
        logging.getLogger().removeHandler(self._intercept)
        for handler in self._handlers:
            logger.remove(handler)
        self._handlers.clear()
        for sink in self._sinks:
            sink.close()


def start_logs(
    settings: LogSettings,
    *,
    folder: Path | None = None,
    stream: TextIO | None = None,
    secrets: Iterable[SecretStr] = (),
) -> Logs:
    """
    Begin to log, in place of whatever loguru was set up to do.

    Args:
        settings: Level, sizes and counts.
        folder: Where `engine.jsonl` is written, one JSON object a line; None for no file.
        stream: Gets the same lines for people, as for `--no-ui`; None for none.
        secrets: Values that must not appear anywhere.

    Raises:
        ConfigurationError: If the file cannot be opened.
    """
    redactor = Redactor(secrets)
    sinks = []
    if folder is not None:
        path = folder / LOG_FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = _RotatingFile(path, settings.rotation_mb * 1_000_000, settings.retention_files)
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error
        sinks.append(_Sink(file, partial(_json_line, redactor), settings.queue_lines))
    if stream is not None:
        line = partial(_text_line, redactor)
        sinks.append(_Sink(_Stream(stream), line, settings.queue_lines))
    return Logs(redactor, sinks, settings.level)


def _json_line(redactor: Redactor, record: Record) -> str:
    entry = {
        "time": record["time"].astimezone(UTC).isoformat(timespec="microseconds"),
        "level": record["level"].name,
        "module": record["name"],
        "message": redactor.text(record["message"]),
    }
    if record["extra"]:
        entry["extra"] = redactor.value(record["extra"])
    if record["exception"] is not None:
        entry["exception"] = redactor.text(_trace(record))
    return json.dumps(entry, ensure_ascii=False)


def _text_line(redactor: Redactor, record: Record) -> str:
    time = record["time"].astimezone(UTC)
    extra = " ".join(f"{key}={value}" for key, value in redactor.value(record["extra"]).items())
    line = f"{time:%H:%M:%S.%f} {record['level'].name:<7} {record['message']}"
    if extra:
        line += f"  {extra}"
    lines = [line]
    if record["exception"] is not None:
        lines += _trace(record).rstrip().splitlines()
    # What a venue says must not move the cursor of whoever reads it.
    return "\n".join(_CONTROLS.sub("?", redactor.text(line)) for line in lines)


def _trace(record: Record) -> str:
    exception = record["exception"]
    if exception is None:
        return ""
    return "".join(traceback.format_exception(exception.type, exception.value, exception.traceback))
