"""What an answer is worth: a reading, or a sentence on why not and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.port import Answer, Reading, Source
from core.feeds.waits import LONGEST_WAIT_S, wait_s

NO_ANSWER = 0
"""Status of an answer that did not come; its body is the sentence that says why."""

FAILURE_TTL_S = 5.0
"""How long engines that share a cache leave a source alone that has just failed one of them."""

REFUSAL_TTL_S = 900.0
"""The longest that one engine's refusal counts for the others."""

UNKNOWN_WAIT_S = 60.0
"""After 429 without a word on how long: the shortest quota of these services is a minute's."""

_KEY_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, read once."""

    reading: Reading | None = None
    """None where it is of no use."""
    error: str = ""
    """Sentence on why."""
    is_refused: bool = False
    """Asking again is no use before `wait_s`, or before a person has done something."""
    wait_s: float | None = 0.0
    """How long the service wants to be left alone; None of a refusal: nobody knows."""
    ttl_s: float = 0.0
    """How long the answer may be given to others who ask the same."""


def tells_nothing(reading: Reading) -> bool:
    """Tell whether an answer held no news, as that to a login."""
    return not reading.observations and not reading.vintages


def read_answer(source: Source, answer: Answer, now_ns: int) -> Judged:
    """
    Read an answer by its source. Never raises: a mistake of a source is told like a fault.

    Args:
        source: Whose answer it is.
        answer: Of any status.
        now_ns: Wall clock.
    """
    age_s = max(0.0, (now_ns - answer.fetched_ts_ns) / 1e9)
    pause_s = max(0.0, wait_s(answer.headers, answer.fetched_ts_ns) - age_s)
    try:
        if answer.status == HTTPStatus.OK:
            return Judged(source.read(answer), wait_s=pause_s, ttl_s=source.interval_s)
        return _fault(source, answer, pause_s)
    except FeedRefused as refusal:
        return _refused(answer, refusal, pause_s, age_s)
    except DecodeError as error:
        return Judged(error=error.reason, wait_s=pause_s, ttl_s=FAILURE_TTL_S)
    except Exception as error:  # noqa: BLE001  one source's mistake must not end the others
        return Judged(error=mistake(error), wait_s=pause_s, ttl_s=FAILURE_TTL_S)


def mistake(error: Exception) -> str:
    """Say that a source has broken on what it was given. Quotes nothing: it may hold a key."""
    return f"its answer could not be read ({type(error).__name__}); please report this"


def _fault(source: Source, answer: Answer, pause_s: float) -> Judged:
    """
    Judge an answer of another status.

    Raises:
        FeedRefused: If it forbids to ask again.
    """
    if answer.status == NO_ANSWER:
        return Judged(error=answer.body.decode(errors="replace"), ttl_s=FAILURE_TTL_S)
    refusal = source.refusal(answer)
    if refusal is not None:
        raise refusal
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        pause_s = pause_s or UNKNOWN_WAIT_S
    ttl_s = min(max(pause_s, FAILURE_TTL_S), REFUSAL_TTL_S)
    return Judged(error=source.complaint(answer), wait_s=pause_s, ttl_s=ttl_s)


def _refused(answer: Answer, refusal: FeedRefused, pause_s: float, age_s: float) -> Judged:
    """Judge a refusal; a time in the headers goes before that in the body."""
    wanted_s = refusal.retry_after_s
    if wanted_s is not None:
        wanted_s = min(max(0.0, wanted_s - age_s), LONGEST_WAIT_S)
    left_alone_s = pause_s or wanted_s
    if answer.status in _KEY_REFUSED or left_alone_s is None:
        # Not for others: their key may be a better one.
        ttl_s = 0.0
    else:
        ttl_s = min(max(left_alone_s, FAILURE_TTL_S), REFUSAL_TTL_S)
    return Judged(error=refusal.reason, is_refused=True, wait_s=left_alone_s, ttl_s=ttl_s)
