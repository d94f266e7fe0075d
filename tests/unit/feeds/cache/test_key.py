"""Names of answers."""

from __future__ import annotations

from core.feeds.cache.key import is_shareable, key_of
from core.feeds.port import Request

URL = "https://weather.test/now"


def test_the_order_of_a_query_makes_no_difference() -> None:
    one = Request(URL, {"lat": "48.1", "lon": "11.5"}, headers={"Accept": "a", "X": "b"})
    two = Request(URL, {"lon": "11.5", "lat": "48.1"}, headers={"X": "b", "Accept": "a"})
    assert key_of(one) == key_of(two)


def test_what_is_asked_for_makes_a_difference() -> None:
    asked = Request(URL, {"lat": "48.1"})
    others = [
        Request(URL + "/", {"lat": "48.1"}),
        Request(URL, {"lat": "48.2"}),
        Request(URL, {"lon": "48.1"}),
        Request(URL, headers={"lat": "48.1"}),
    ]
    assert len({key_of(asked), *map(key_of, others)}) == 5


def test_a_secret_is_no_part_of_a_key() -> None:
    one = Request(URL, secret_query={"appid": "sesame"}, secret_headers={"X-API-Key": "open"})
    assert key_of(one) == key_of(Request(URL))


def test_what_a_service_does_not_want_to_be_shared_is_not() -> None:
    assert not is_shareable(Request(URL, is_for_us_alone=True))


def test_the_answer_to_a_login_is_not_kept() -> None:
    assert not is_shareable(Request(URL, form={"client_secret": "sesame"}))
    assert is_shareable(Request(URL, secret_query={"appid": "sesame"}))
