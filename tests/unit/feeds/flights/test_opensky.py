"""OpenSky: rows without names, a sky of null, tokens, credits."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.feeds.flights.aircraft import Kind
from core.feeds.flights.opensky.codec import Picture, read_answer
from core.feeds.port import Quantity, Topic
from tests.city_answers import KEYS, NOON_S, NOW_NS, S, answer, recorded, source, values

TOKEN = "eyJhbGciOiJSUzI1NiJ9.TESTONLY.signature"


def opensky(*, with_client: bool = True):
    return source(Topic.FLIGHTS, "opensky", keys=None if with_client else {})


def picture(content) -> Picture:
    told = read_answer(answer(content), "opensky")
    assert isinstance(told, Picture)
    return told


def test_states_are_read_by_their_columns() -> None:
    """Longitude comes before latitude; column 7 is by pressure, 13 is not read."""
    seen = {item.address: item for item in picture("opensky/states_all_munich.json").sightings}
    assert sorted(seen) == ["3c6444", "3c65d2", "3d1b22", "4ca9c1"]
    climbing = seen["3c65d2"]
    assert (climbing.latitude, climbing.longitude) == (48.3911, 11.9023)
    assert (climbing.altitude_m, climbing.speed_m_s) == (1463.04, 118.42)
    assert (climbing.track_deg, climbing.climb_m_s) == (82.11, 9.43)
    assert climbing.seen_ts_ns == (NOON_S - 1) * S
    assert seen["3c6444"].is_on_ground
    assert seen["3c6444"].altitude_m is None


def test_categories_come_with_extended_rows() -> None:
    kinds = [item.kind for item in picture("opensky/states_all_extended.json").sightings]
    assert kinds == [Kind.AIRPLANE, Kind.UNKNOWN]


def test_null_is_an_empty_sky() -> None:
    reading = opensky().read(answer("opensky/states_none.json"))
    assert values(reading) == {Quantity.AIRCRAFT: 0.0}


def test_a_row_that_is_cut_is_refused() -> None:
    content = recorded("opensky/states_all_munich.json")
    content["states"][1] = content["states"][1][:9]
    with pytest.raises(DecodeError, match="9 columns instead of 17 or more"):
        opensky().read(answer(content))


def test_an_old_position_is_none() -> None:
    content = recorded("opensky/states_all_munich.json")
    for row in content["states"]:
        row[3] = NOON_S - 61
    assert not picture(content).sightings


def test_without_a_client_it_asks_at_once_and_seldom() -> None:
    """400 credits a day are one every 216 s."""
    asked = opensky(with_client=False)
    request = asked.request(NOW_NS)
    assert request.url == "https://opensky-network.org/api/states/all"
    assert request.form is None
    assert not request.secret_headers
    assert asked.interval_s == 216.0


def test_its_box_costs_one_credit_and_holds_city_and_airport() -> None:
    query = opensky(with_client=False).request(NOW_NS).query
    low, left, high, right = (float(query[key]) for key in ("lamin", "lomin", "lamax", "lomax"))
    assert (high - low) * (right - left) <= 25
    for latitude, longitude in ((48.1374, 11.5755), (48.3538, 11.7861)):
        assert low < latitude < high
        assert left < longitude < right


def test_with_a_client_it_asks_for_a_token_first() -> None:
    asked = opensky()
    login = asked.request(NOW_NS)
    assert login.url.endswith("/protocol/openid-connect/token")
    assert login.form == {
        "grant_type": "client_credentials",
        "client_id": KEYS["opensky_client_id"],
        "client_secret": KEYS["opensky_client_secret"],
    }
    assert not asked.read(answer("opensky/oauth_token.json")).observations
    request = asked.request(NOW_NS)
    assert request.secret_headers == {"Authorization": f"Bearer {TOKEN}"}
    assert asked.interval_s == 21.6


def test_neither_secret_nor_token_is_shown() -> None:
    asked = opensky()
    shown = repr(asked.request(NOW_NS))
    asked.read(answer("opensky/oauth_token.json"))
    shown += repr(asked.request(NOW_NS))
    assert KEYS["opensky_client_secret"] not in shown
    assert TOKEN not in shown


def test_a_token_is_renewed_before_it_runs_out() -> None:
    asked = opensky()
    asked.request(NOW_NS)
    asked.read(answer("opensky/oauth_token.json"))
    assert asked.request(NOW_NS + 1499 * S).form is None
    assert asked.request(NOW_NS + 1500 * S).form is not None


def test_a_token_that_is_refused_is_asked_for_anew() -> None:
    asked = opensky()
    asked.request(NOW_NS)
    asked.read(answer("opensky/oauth_token.json"))
    asked.request(NOW_NS)
    refused = answer(b"", status=401)
    for _ in range(2):
        assert asked.refusal(refused) is None
        assert asked.complaint(refused) == "HTTP 401: the token has run out; a new one is asked for"
    assert asked.request(NOW_NS).form is not None


def test_a_client_that_is_refused_waits_for_a_person() -> None:
    asked = opensky()
    asked.request(NOW_NS)
    refused = asked.refusal(answer("opensky/oauth_error_401.json", status=401))
    assert refused is not None
    assert refused.retry_after_s is None
    assert refused.reason == (
        "HTTP 401: Invalid client or Invalid client credentials; check its key, that is client "
        "id and secret of the account's API client"
    )


def test_an_address_that_it_refuses_needs_a_client() -> None:
    asked = opensky(with_client=False)
    asked.request(NOW_NS)
    refused = asked.refusal(answer(b"", status=401))
    assert refused is not None
    assert "make one in an account" in refused.reason


def test_used_up_credits_are_told_and_the_headers_say_until_when() -> None:
    assert opensky().refusal(answer(b"Too many requests", status=429)) is None


@pytest.mark.parametrize(
    "content", [{"access_token": "", "expires_in": 1800}, {"access_token": "x", "expires_in": 0}]
)
def test_a_token_that_is_none_is_refused(content) -> None:
    with pytest.raises(DecodeError, match="is empty or has expired"):
        opensky().read(answer(content))


def test_a_list_of_flights_is_no_picture_of_the_sky() -> None:
    with pytest.raises(DecodeError, match="the service may have changed its format"):
        opensky().read(answer("opensky/flights_arrival_eddm.json"))


def test_sources_of_one_topic_keep_their_own_tokens() -> None:
    first, second = opensky(), opensky()
    first.request(NOW_NS)
    first.read(answer("opensky/oauth_token.json"))
    assert second.request(NOW_NS).form is not None
    assert first.request(NOW_NS).form is None
