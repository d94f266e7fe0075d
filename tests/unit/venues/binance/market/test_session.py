"""Binance's book from deltas and snapshots, by the documented scenarios."""

from __future__ import annotations

import msgspec
import pytest

from core.domain.enums import EventKind, VenueState
from core.venues.market.fetching import Answer, Fetch
from core.venues.market.timing import Timing
from tests.venues.fixtures import sample, text
from tests.venues.sessions import Told, terms

BTC = terms("BTCUSDT")
SNAPSHOT = sample("binance", "depth_snapshot_rest")
ACK = {"result": None, "id": 1}


def told(*instruments, **options) -> Told:
    heard = Told("binance", *(instruments or (BTC,)), **options)
    if not options.get("is_recorded"):
        heard.hear(ACK)
    return heard


def answer(heard: Told, snapshot=SNAPSHOT, index: int = 0) -> None:
    body = msgspec.json.encode(snapshot)
    heard.keep(heard.session.answered(Fetch(index, ""), Answer(200, body), heard.now_s))


def refuse(heard: Told, status: int, body: bytes = b"", **more) -> None:
    heard.keep(heard.session.answered(Fetch(0, ""), Answer(status, body, **more), heard.now_s))


def delta(first: int, last: int, bids=(), asks=(), **more) -> dict:
    data = {"e": "depthUpdate", "E": 1_779_271_200_000, "s": "BTCUSDT", "U": first, "u": last}
    return data | {"b": list(bids), "a": list(asks)} | more


def test_asks_for_all_streams_in_one_message_and_for_books_once_it_is_confirmed() -> None:
    heard = Told("binance", BTC, terms("ETHUSDT"))
    assert heard.greeting == [
        {
            "method": "SUBSCRIBE",
            "params": ["btcusdt@depth@100ms", "btcusdt@trade", "ethusdt@depth@100ms",
                       "ethusdt@trade"],
            "id": 1,
        }
    ]  # fmt: skip
    assert heard.session.take_fetches() == []
    heard.hear(ACK)
    assert [fetch.path for fetch in heard.session.take_fetches()] == [
        "/api/v3/depth?symbol=BTCUSDT&limit=5000",
        "/api/v3/depth?symbol=ETHUSDT&limit=5000",
    ]


def test_deltas_kept_while_the_snapshot_came_continue_it() -> None:
    scenario = sample("binance", "scenario_sync_ok")
    heard = told()
    heard.hear(*scenario["buffered"])
    answer(heard, scenario["snapshot"])
    heard.hear(*scenario["live"])
    sync = heard.session._syncs[0]
    assert sync.update_id == scenario["expect"]["lastUpdateId"]
    for side, name in ((heard.market.bids, "bids"), (heard.market.asks, "asks")):
        texts = dict(side.texts(10))
        expected = scenario["expect"].get(name)
        if expected is not None:
            assert texts == dict(expected)
    assert heard.states()[-1] is VenueState.SYNCED
    assert heard.tally.gaps == 0


def test_a_delta_that_does_not_follow_drops_the_book() -> None:
    scenario = sample("binance", "scenario_gap")
    heard = told()
    answer(heard, scenario["snapshot"])
    heard.session.take_fetches()
    heard.hear(*scenario["live"])
    assert heard.book() == ([], [])
    assert heard.tally.gaps == 1
    assert len(heard.session.take_fetches()) == 1
    # The delta that showed it is the first of the new buffer.
    answer(heard, SNAPSHOT | {"lastUpdateId": 1008})
    assert heard.has_book()
    assert heard.session._syncs[0].update_id == 1009


def test_a_delta_that_comes_twice_is_no_gap() -> None:
    scenario = sample("binance", "scenario_duplicate")
    heard = told()
    answer(heard, scenario["snapshot"])
    heard.hear(*scenario["live"])
    assert heard.session._syncs[0].update_id == scenario["expect"]["lastUpdateId"]
    assert (heard.tally.gaps, heard.tally.duplicates) == (0, 1)


def test_a_snapshot_older_than_the_first_delta_is_fetched_again_after_a_pause() -> None:
    scenario = sample("binance", "scenario_snapshot_too_old")
    heard = told()
    heard.hear(*scenario["buffered"])
    heard.session.take_fetches()
    answer(heard, scenario["snapshot"])
    assert not heard.has_book()
    assert heard.session.take_fetches() == []
    heard.wait(0.25)
    assert len(heard.session.take_fetches()) == 1
    assert heard.tally.gaps == 0


@pytest.mark.parametrize(("last_id", "is_used"), [(1009, False), (1010, True), (1012, True)])
def test_the_snapshot_has_to_reach_the_first_delta(last_id: int, is_used: bool) -> None:
    heard = told()
    heard.hear(delta(1010, 1012))
    answer(heard, SNAPSHOT | {"lastUpdateId": last_id})
    assert heard.has_book() is is_used


def test_futures_chain_by_the_id_before() -> None:
    heard = told()
    heard.hear(delta(990, 1005, pu=980))
    answer(heard)
    heard.hear(delta(1009, 1020, [["64210.10", "2"]], pu=1005))
    assert heard.tally.gaps == 0
    assert heard.book()[0][0] == (6_421_010, 200_000)
    heard.hear(delta(1030, 1040, pu=1025))
    assert heard.tally.gaps == 1
    assert heard.book() == ([], [])


def test_trades_tell_the_attacker_and_the_venues_time() -> None:
    heard = told()
    heard.hear(text("binance", "trade"))
    (row,) = heard.events(EventKind.TRADE)
    assert heard.trades() == [(0, 6_421_011, 200, 1)]
    assert row["exch_ts_ns"] == 1_779_271_200_001_000_000


def test_streams_that_are_not_ours_are_nothing() -> None:
    heard = told()
    answer(heard)
    rows = len(heard.rows)
    for name in ("agg_trade", "book_ticker", "kline_closed"):
        heard.hear(text("binance", name))
    assert len(heard.rows) == rows
    assert heard.tally.refused == 0
    assert heard.session.complaint == ""


def test_a_book_of_few_levels_is_known_by_its_stream() -> None:
    heard = told()
    book = sample("binance", "depth20")
    heard.hear(book if "stream" in book else {"stream": "btcusdt@depth20", "data": book})
    assert heard.has_book()


@pytest.mark.parametrize("name", ["server_shutdown", "server_shutdown_combined"])
def test_an_announced_shutdown_asks_for_another_connection(name: str) -> None:
    heard = told()
    heard.hear(text("binance", name))
    assert heard.session.wants_handover
    assert heard.session.complaint == ""


def test_an_old_connection_asks_for_another_one_before_it_is_cut() -> None:
    heard = told(timing=Timing(handover_s=50.0))
    heard.wait(49.0)
    assert not heard.session.wants_handover
    heard.wait(1.0)
    assert heard.session.wants_handover


@pytest.mark.parametrize("name", ["stream_error_invalid_json", "stream_error_invalid_request"])
def test_a_refused_request_ends_the_connection(name: str) -> None:
    heard = told()
    heard.hear(text("binance", name))
    assert "the request for streams was refused" in heard.session.complaint


def test_an_unknown_symbol_is_not_asked_for_again() -> None:
    heard = told()
    heard.session.take_fetches()
    refuse(heard, 400, text("binance", "error_rest_1121"))
    heard.wait(29.0)
    assert heard.session.take_fetches() == []
    assert "it does not know BTCUSDT (Invalid symbol.)" in heard.tally.last_error


@pytest.mark.parametrize(
    ("status", "told_s", "wait_s"), [(429, 0.0, 10.0), (429, 3.0, 3.0), (418, 0.0, 120.0)]
)
def test_no_snapshot_is_asked_for_before_the_ban_is_over(
    status: int, told_s: float, wait_s: float
) -> None:
    heard = told(timing=Timing(silence_s=999.0, first_data_s=999.0))
    heard.session.take_fetches()
    refuse(heard, status, retry_after_s=told_s)
    assert f"(HTTP {status})" in heard.tally.last_error
    heard.wait(wait_s - 0.5)
    assert heard.session.take_fetches() == []
    heard.wait(0.6)
    assert len(heard.session.take_fetches()) == 1


def test_a_ban_is_not_mistaken_for_a_wrong_name() -> None:
    heard = told()
    heard.session.take_fetches()
    refuse(heard, 418)
    for _ in range(11):
        heard.hear(delta(1, 2))
        heard.wait(10.0)
        assert "banned (HTTP 418)" in heard.tally.last_error
        assert heard.session.complaint == ""


def test_the_weight_of_an_address_is_not_exceeded() -> None:
    many = [terms(f"S{number}USDT") for number in range(150)]
    heard = told(*many, timing=Timing(silence_s=999.0, first_data_s=999.0))
    first = heard.session.take_fetches()
    assert len(first) == 100
    assert first[0].path.endswith("limit=1000")
    heard.wait(59.0)
    assert heard.session.take_fetches() == []
    heard.wait(2.0)
    assert len(heard.session.take_fetches()) == 50


def test_a_snapshot_that_cannot_be_fetched_is_asked_for_ever_more_slowly() -> None:
    heard = told(timing=Timing(silence_s=9e9, first_data_s=9e9))
    pauses = []
    for _ in range(9):
        heard.session.take_fetches()
        refuse(heard, 0, failure="no route to host")
        assert "could not be fetched: no route to host" in heard.tally.last_error
        pauses.append(round(heard.session._wanted[0] - heard.now_s, 3))
        heard.wait(pauses[-1] + 0.01)
        assert len(heard.session._fetches) == 1
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]


def test_what_a_venue_writes_cannot_reach_the_terminal() -> None:
    heard = told()
    heard.hear({"code": 2, "msg": "\x1b[2J" + "x" * 5_000})
    assert heard.tally.last_error.isprintable()
    assert len(heard.tally.last_error) < 600


def test_quiet_streams_are_subscribed_anew_in_two_messages() -> None:
    both = (BTC, terms("ETHUSDT"))
    heard = told(*both, timing=Timing(silence_s=999.0, quiet_s=5.0))
    heard.sent()
    answer(heard)
    answer(heard, index=1)
    heard.wait(5.0)
    assert [message["method"] for message in heard.sent()] == ["UNSUBSCRIBE", "SUBSCRIBE"]
    assert heard.book(0) == ([], [])
    assert heard.book(1) == ([], [])


def test_a_hushed_session_tells_all_when_it_takes_over() -> None:
    heard = Told("binance", BTC)
    heard.rows.clear()
    heard.session.is_hushed = True
    heard.hear(ACK)
    answer(heard)
    assert heard.rows == []
    heard.keep(heard.session.speak(with_state=True))
    assert heard.states() == [VenueState.CONNECTED, VenueState.SYNCED]
    assert heard.has_book()
