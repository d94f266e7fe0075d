"""What an answer is worth, and for whom."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.judge import (
    FAILURE_TTL_S,
    NO_ANSWER,
    REFUSAL_TTL_S,
    UNKNOWN_WAIT_S,
    read_answer,
)
from core.feeds.port import Answer
from tests.feeds.fake_source import START_NS, FakeSource

_S = 1_000_000_000


def judged(status=200, body=b'{"value": 11.5}', headers=None, *, age_s=0, source=None):
    answer = Answer(status, headers or {}, body, START_NS)
    return read_answer(source or FakeSource(), answer, START_NS + age_s * _S)


def test_a_good_answer_is_good_for_an_interval() -> None:
    verdict = judged()
    assert [each.value for each in verdict.reading.observations] == [11.5]
    assert (verdict.ttl_s, verdict.wait_s) == (300.0, 0.0)


def test_a_web_page_is_soon_asked_for_again() -> None:
    verdict = judged(body=b"<html>")
    assert verdict.reading is None
    assert (verdict.error, verdict.ttl_s) == ("a web page instead of data", FAILURE_TTL_S)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_no_news_for_engines_with_another_key(status) -> None:
    verdict = judged(status, b"no")
    assert verdict.is_refused
    assert (verdict.ttl_s, verdict.wait_s) == (0.0, None)


def test_a_refusal_that_says_when_is_kept_until_then() -> None:
    verdict = judged(403, b"no", {"retry-after": "70"})
    assert verdict.wait_s == 70.0


def test_too_many_requests_count_for_every_engine() -> None:
    verdict = judged(429, b"slow down", {"retry-after": "120"})
    assert (verdict.wait_s, verdict.ttl_s) == (120.0, 120.0)
    assert judged(429, b"slow down").wait_s == UNKNOWN_WAIT_S


def test_a_long_wait_is_not_held_against_an_engine_that_comes_later() -> None:
    verdict = judged(429, b"slow down", {"x-rate-limit-retry-after-seconds": "16841"})
    assert (verdict.wait_s, verdict.ttl_s) == (16841.0, REFUSAL_TTL_S)


def test_a_wait_is_shorter_for_who_reads_of_it_later() -> None:
    assert judged(429, b"", {"retry-after": "120"}, age_s=50).wait_s == 70.0


def test_a_refusal_within_an_answer_is_shorter_for_who_reads_of_it_later() -> None:
    body = b'{"refused": "over quota", "retry_after_s": 120}'
    assert judged(body=body, age_s=50).wait_s == 70.0
    assert judged(body=b'{"refused": "no such key"}').ttl_s == 0.0


def test_nobody_is_left_alone_for_longer_than_a_day() -> None:
    body = b'{"refused": "over quota", "retry_after_s": 99999999}'
    assert judged(body=body).wait_s == 86_400.0


def test_an_answer_from_a_clock_that_is_ahead_is_not_older_than_new() -> None:
    assert judged(429, b"", {"retry-after": "120"}, age_s=-50).wait_s == 120.0


class Opinionated(FakeSource):
    """Knows that 404 will stay and 401 will not."""

    def refusal(self, answer):
        if answer.status == 404:
            return FeedRefused(self.name, "no such station")
        return FeedRefused(self.name, "until the hour", 90.0) if answer.status == 429 else None


def test_a_source_may_know_better_what_a_status_means() -> None:
    token_ran_out = judged(401, b"expired", source=Opinionated())
    assert not token_ran_out.is_refused
    no_station = judged(404, source=Opinionated())
    assert (no_station.is_refused, no_station.wait_s) == (True, None)


def test_a_time_in_the_headers_goes_before_that_in_the_body() -> None:
    assert judged(429, source=Opinionated()).wait_s == 90.0
    verdict = judged(429, headers={"retry-after": "20"}, source=Opinionated())
    assert (verdict.wait_s, verdict.ttl_s) == (20.0, 20.0)


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_any_other_status_is_a_failure_with_the_source_s_own_words(status) -> None:
    verdict = judged(status, b"broken")
    assert not verdict.is_refused
    assert verdict.error == f"HTTP {status}: broken"
    assert verdict.ttl_s == FAILURE_TTL_S


def test_no_answer_is_told_with_its_sentence() -> None:
    verdict = judged(NO_ANSWER, b"nobody listens there")
    assert (verdict.error, verdict.ttl_s) == ("nobody listens there", FAILURE_TTL_S)


@pytest.mark.parametrize(
    "error", [DecodeError("one", "not a number"), FeedRefused("one", "not a number")]
)
def test_a_complaint_may_refuse_as_reading_may(error) -> None:
    source = FakeSource()

    def complaint(answer):
        raise error

    source.complaint = complaint
    assert judged(500, source=source).error == "not a number"


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), RecursionError()])
def test_a_source_s_own_mistake_is_told_and_not_raised(error) -> None:
    source = FakeSource()

    def read(answer):
        raise error

    source.read = read
    assert judged(source=source).error == (
        f"its answer could not be read ({type(error).__name__}); please report this"
    )
