"""What every source does alike: explain a refusal, without telling a secret."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

from core.domain.errors import FeedRefused
from core.domain.redaction import forms_of, redact
from core.feeds.common.complaints import explain
from core.feeds.port import Answer, Place, Reading, Request, Topic

_STAYS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""The same request will get the same answer."""


class Service(ABC):
    """
    A source of one service; see `core.feeds.port.Source`.

    Args:
        place: The city.
        secrets: Keys that no sentence may show, should the service repeat them.
    """

    name: ClassVar[str]
    topic: ClassVar[Topic]
    interval_s: float
    advice: ClassVar[Mapping[int, str]] = {}
    """What to do, by status, where this service needs its own words."""

    def __init__(self, place: Place, secrets: Sequence[str] = ()) -> None:
        self.place = place
        self._forms = [form for secret in secrets for form in forms_of(secret)]

    @property
    def is_incomplete(self) -> bool:
        """Most have one page."""
        return False

    @abstractmethod
    def request(self, now_ns: int) -> Request:
        """Make the next request."""

    @abstractmethod
    def read(self, answer: Answer) -> Reading:
        """
        Read an answer of status 200.

        Raises:
            DecodeError: If it is not what the service documents.
            FeedRefused: If asking again is no use before something changes, or before a time.
        """

    def complaint(self, answer: Answer) -> str:
        """Say in one sentence what an answer of another status means."""
        return redact(explain(answer, self.advice), self._forms)

    def refusal(self, answer: Answer) -> FeedRefused | None:
        """
        Tell whether an answer of another status forbids to ask again, and for how long.

        Returns:
            None if trying again later may do, such as after a fault of the service. A time in
            its headers goes before that in the refusal.
        """
        if answer.status in _STAYS:
            return FeedRefused(self.name, self.complaint(answer))
        pause_s = self.pause_s(answer)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and pause_s is not None:
            return FeedRefused(self.name, self.complaint(answer), pause_s)
        return None

    def pause_s(self, answer: Answer) -> float | None:  # noqa: ARG002  most name no time
        """For how long the body of a refusal asks us to wait; None where it does not say."""
        return None
