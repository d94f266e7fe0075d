"""Kraken's private protocol: bytes in, events and bytes out, by its own examples."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.enums import EventKind, LiquiditySide, OrderStatus, RejectReason, VenueState
from core.domain.errors import VenueError
from core.domain.events import ACCOUNT_STATE, IOC, POST_ONLY, UNPRICED_FEE, load
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.venues.kraken.orders.session import LOGIN_TIMEOUT_MS, SILENCE_S, KrakenSession

FIXTURES = Path(__file__).parents[4] / "fixtures" / "kraken"
TOKEN = "TESTONLYtokenFromGetWebSocketsToken="
NOW_MS = 1_779_271_200_000
INSTRUMENTS = (Instrument(Symbol("BTC/USD"), Decimal("0.1"), Decimal("0.00001")),)


class Peer:
    """A session and what its venue would answer."""

    def __init__(self, **options):
        self.now_ms = NOW_MS
        self.session = KrakenSession(
            run_id=RunId("20261120T140327-live-4f1c"), instruments=INSTRUMENTS,
            clock_ms=lambda: self.now_ms, **options,
        )  # fmt: skip
        self.session.use_token(TOKEN)
        self.rows = []

    def take(self):
        frames = self.session.data_to_send()
        return [json.loads(frame, parse_float=str) for frame in frames]

    def hear(self, message):
        text = message if isinstance(message, str) else json.dumps(message)
        rows = load(self.session.receive_data(text.encode()))
        self.rows += list(rows)
        return rows

    def fixture(self, name, sequence=None, **changes):
        """An example about order 1; its text, so that its numbers stay as they are written."""
        text = (FIXTURES / f"{name}.json").read_text()
        text = text.replace("6d1b345e-2821-40e2-ad83-4ecb18a06876", self.session._names.name(1))
        message = json.loads(text)
        if "data" in message:
            message["data"][0] |= changes
            if sequence is not None:
                message["sequence"] = sequence
        else:
            message |= changes
        return message

    def snapshot(self, *executions, btc=0):
        rows = self.hear(
            {"channel": "executions", "type": "snapshot", "data": list(executions), "sequence": 1}
        )
        balances = [{"asset": "BTC", "balance": btc}, {"asset": "USD", "balance": 12.5}]
        more = self.hear(
            {"channel": "balances", "type": "snapshot", "data": balances, "sequence": 1}
        )
        return [*rows, *more]

    def log_in(self, *executions, btc=0):
        self.session.connecting()
        self.session.connected()
        self.take()
        self.snapshot(*executions, btc=btc)
        return self

    def place(self, number=1, flags=0, side=1):
        rows = load(self.session.place(0, number, side, 640_000, 200, flags))
        return rows, self.take()

    def of(self, kind):
        return [row for row in self.rows if row["kind"] == kind]


def test_a_login_subscribes_with_the_token_and_tells_the_account() -> None:
    peer = Peer()
    peer.session.connecting()
    peer.session.connected()
    first, second = peer.take()
    assert [item["params"]["channel"] for item in (first, second)] == ["executions", "balances"]
    assert first["params"]["token"] == TOKEN
    peer.snapshot()
    told = [(EventKind(int(row["kind"])), int(row["status"])) for row in peer.rows]
    assert told == [
        (EventKind.VENUE_STATE, VenueState.CONNECTED),
        (EventKind.POSITION_REPORT, 0),
        (EventKind.VENUE_STATE, VenueState.SYNCED),
    ]


def test_an_order_is_asked_for_in_numbers_as_they_are_written() -> None:
    _, (request,) = Peer().log_in().place(flags=POST_ONLY)
    params = request["params"]
    assert (params["limit_price"], params["order_qty"]) == ("64000.0", "0.00200")
    assert (params["time_in_force"], params["post_only"]) == ("gtc", True)
    assert params["deadline"] == "2026-05-20T10:00:05.000Z"


def test_the_examples_of_an_orders_life_become_its_events() -> None:
    """Sparse updates, and a trade that says partly filled although it is the last."""
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.hear(peer.fixture("add_order_ok", req_id=request["req_id"]))
    assert len(peer.hear(peer.fixture("executions_pending_new", 2))) == 0
    (opened,) = peer.hear(peer.fixture("executions_new", 3))
    assert (opened["order_id"], opened["status"]) == (1, OrderStatus.OPEN)
    assert (opened["price_ticks"], opened["lots"], opened["leaves_lots"]) == (640_000, 200, 200)
    (fill,) = peer.hear(peer.fixture("executions_trade", 4))
    assert (fill["lots"], fill["leaves_lots"], fill["code"]) == (200, 0, LiquiditySide.MAKER)
    assert fill["fee_nanos"] == 204_800_000
    (ended,) = peer.hear(peer.fixture("executions_filled", 5))
    assert (ended["order_id"], ended["status"]) == (1, OrderStatus.FILLED)


def test_a_cancel_that_names_only_the_venues_id_is_understood() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.hear(peer.fixture("add_order_ok", req_id=request["req_id"]))
    (row,) = peer.hear(peer.fixture("executions_canceled", 2, order_id="OIMC01-AAAAA-BBBBBB"))
    assert (row["order_id"], row["status"], row["lots"]) == (1, OrderStatus.CANCELED, 200)


def test_what_an_ioc_order_leaves_expires() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place(flags=IOC)
    peer.hear(peer.fixture("add_order_ok", req_id=request["req_id"]))
    (row,) = peer.hear(
        peer.fixture(
            "executions_canceled", 2, order_id="OIMC01-AAAAA-BBBBBB", reason="IOC unfilled"
        )
    )
    assert row["status"] == OrderStatus.EXPIRED


def test_a_gap_starts_the_account_over() -> None:
    peer = Peer().log_in()
    (row,) = peer.hear(peer.fixture("executions_pending_new", 3))
    assert row["status"] == VenueState.CONNECTED
    methods = [(item["method"], item["params"]["channel"]) for item in peer.take()]
    assert methods == [
        ("unsubscribe", "executions"), ("subscribe", "executions"),
        ("unsubscribe", "balances"), ("subscribe", "balances"),
    ]  # fmt: skip
    assert peer.session.gaps == 1
    peer.snapshot(peer.fixture("executions_snapshot")["data"][0])
    (order,) = peer.of(EventKind.ORDER_REPORT)
    assert (order["order_id"], order["key"]) == (1, ACCOUNT_STATE)


def test_an_execution_that_comes_again_is_booked_once() -> None:
    peer = Peer().log_in()
    peer.place()
    trade = peer.fixture("executions_trade", 2)
    assert len(peer.hear(trade)) == 1
    assert len(peer.hear(trade)) == 0
    assert len(peer.hear(peer.fixture("executions_trade", 3))) == 0
    assert peer.session.duplicates == 2
    peer.session.reconcile()
    peer.snapshot(trade["data"][0], btc=0.002)
    assert len(peer.of(EventKind.FILL)) == 1


def test_what_was_traded_before_the_first_run_is_not_booked() -> None:
    peer = Peer()
    peer.log_in(peer.fixture("executions_trade")["data"][0], btc=0.002)
    assert peer.of(EventKind.FILL) == []
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 0


def test_what_was_traded_since_the_last_run_is_booked_before_the_position() -> None:
    peer = Peer(executions_after=1, positions=(30,))
    peer.log_in(peer.fixture("executions_trade")["data"][0], btc=1.5)
    kinds = [EventKind(int(row["kind"])) for row in peer.rows]
    assert kinds.index(EventKind.FILL) < kinds.index(EventKind.POSITION_REPORT)
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 230


def test_with_all_coins_the_balance_is_the_position() -> None:
    peer = Peer(counts_all=True, positions=(12,)).log_in(btc=0.00012999)
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 12


def test_a_balance_ahead_of_its_execution_is_looked_at_again() -> None:
    """The two channels do not wait for each other."""
    peer = Peer(counts_all=True).log_in(btc=0.002)
    assert peer.session.state is VenueState.CONNECTED
    requests = [(item["method"], item["params"]["channel"]) for item in peer.take()]
    assert requests == [("unsubscribe", "balances"), ("subscribe", "balances")]
    peer.hear(peer.fixture("executions_trade", 2))
    balances = [{"asset": "BTC", "balance": 0.002}]
    peer.hear({"channel": "balances", "type": "snapshot", "data": balances, "sequence": 1})
    assert peer.session.state is VenueState.SYNCED


def test_a_fee_in_an_asset_without_a_rate_is_said() -> None:
    peer = Peer().log_in()
    fees = [{"asset": "KFEE", "qty": 0.2}]
    (fill,) = peer.hear(peer.fixture("executions_trade", 2, fees=fees))
    assert (fill["fee_nanos"], fill["key"]) == (0, UNPRICED_FEE)
    assert peer.session.last_error == "a fee in KFEE has no rate in venue.fee_rates"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("EOrder:Insufficient funds", RejectReason.OTHER),
        ("EOrder:Rate limit exceeded", RejectReason.RATE_LIMIT),
        ("EOrder:Post only order", RejectReason.WOULD_CROSS),
        ("EOrder:Order minimum not met", RejectReason.BAD_SIZE),
        ("EOrder:Orders limit exceeded", RejectReason.TOO_MANY_ORDERS),
    ],
)
def test_a_refused_order_is_rejected_with_its_reason(error, reason) -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    (row,) = peer.hear(peer.fixture("add_order_error_funds", req_id=request["req_id"], error=error))
    assert (row["order_id"], row["status"], row["code"]) == (1, OrderStatus.REJECTED, reason)
    assert peer.session.last_error == f"add_order: {error}"


def test_a_refused_amendment_leaves_the_order_as_it_was() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.hear(peer.fixture("add_order_ok", req_id=request["req_id"]))
    peer.session.replace(0, 1, 640_005, 300)
    (amend,) = peer.take()
    (row,) = peer.hear(
        {"method": "amend_order", "req_id": amend["req_id"], "success": False,
         "error": "EOrder:Rate limit exceeded"}
    )  # fmt: skip
    assert (row["status"], row["code"]) == (OrderStatus.OPEN, RejectReason.RATE_LIMIT)
    assert (row["price_ticks"], row["lots"]) == (640_000, 200)


def test_an_amended_order_is_told_as_it_is_now() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.hear(peer.fixture("add_order_ok", req_id=request["req_id"]))
    changes = {"exec_type": "amended", "limit_price": 64000.5, "order_qty": 0.003}
    (row,) = peer.hear(peer.fixture("executions_new", 2, **changes))
    assert (row["price_ticks"], row["lots"]) == (640_005, 300)


def test_a_closed_exchange_takes_no_orders() -> None:
    peer = Peer().log_in()
    peer.hear(peer.fixture("status", system="maintenance"))
    (row,), requests = peer.place()
    assert (row["code"], requests) == (RejectReason.MARKET_CLOSED, [])


def test_silence_is_complained_about() -> None:
    peer = Peer().log_in()
    assert peer.session.complaint(SILENCE_S - 0.001) == ""
    assert peer.session.complaint(SILENCE_S) == "silent for 5.0 s"


def test_a_subscription_that_is_never_answered_is_complained_about() -> None:
    peer = Peer()
    peer.session.connecting()
    peer.session.connected()
    peer.now_ms += LOGIN_TIMEOUT_MS
    peer.hear(peer.fixture("heartbeat"))
    assert peer.session.complaint(0.0) == "the account was not told within 10 s"


def test_a_token_is_never_shown() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    answer = {"method": "add_order", "req_id": request["req_id"], "success": False}
    peer.hear(answer | {"error": f"ESession:Invalid session {TOKEN}"})
    assert TOKEN not in peer.session.last_error
    _, (request,) = peer.place(number=2)
    refused = answer | {"req_id": request["req_id"], "error": f"Permission denied {TOKEN}"}
    with pytest.raises(VenueError, match="Permission denied") as error:
        peer.hear(refused)
    assert TOKEN not in str(error.value)


def test_a_disarming_waits_for_the_feeding_before_it() -> None:
    peer = Peer(dead_man_s=60).log_in()
    peer.session.keep_alive()
    (feeding,) = peer.take()
    assert feeding["params"]["timeout"] == 60
    peer.session.say_goodbye()
    peer.now_ms += 60_000
    peer.session.keep_alive()
    assert peer.take() == []
    assert not peer.session.is_done
    peer.hear(peer.fixture("cancel_all_orders_after_ok", req_id=feeding["req_id"]))
    (disarming,) = peer.take()
    assert disarming["params"]["timeout"] == 0
    peer.hear(peer.fixture("cancel_all_orders_after_ok", req_id=disarming["req_id"]))
    assert peer.session.is_done


def test_an_update_about_nobody_knows_what_starts_the_account_over() -> None:
    peer = Peer().log_in()
    (row,) = peer.hear(peer.fixture("executions_canceled", 2))
    assert row["status"] == VenueState.CONNECTED
    assert peer.session.refused == 1


@pytest.mark.parametrize("frame", ["<html>502</html>", "[]", '{"channel":"executions","data":7}'])
def test_what_is_no_message_is_counted_and_harms_nothing(frame) -> None:
    peer = Peer().log_in()
    peer.hear(frame)
    assert peer.session.refused == 1
    assert peer.session.state is VenueState.SYNCED


def test_numbers_with_exponents_and_zeros_are_read_as_decimals() -> None:
    peer = Peer().log_in()
    text = json.dumps(peer.fixture("executions_pending_new", 2))
    peer.hear(text.replace("64000.0", "6.40000E+4").replace("0.002,", "2.00e-3,"))
    (row,) = peer.hear(peer.fixture("executions_new", 3))
    assert (row["price_ticks"], row["lots"]) == (640_000, 200)
