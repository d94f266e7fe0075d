"""Who may speak, and who hears what."""

from __future__ import annotations

import pytest

from core.exchange import exchange as exchange_module
from core.exchange.gateway import Client, Gateway
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode


class Mailbox:
    """A peer that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages = []

    def send(self, data: bytes) -> None:
        self.messages.append(decode_server(data))

    def take(self) -> list:
        messages, self.messages = self.messages, []
        return messages


class Visitor:
    """One connection to a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.mailbox = Mailbox()
        self.client: Client = gateway.join(self.mailbox)

    def say(self, message) -> list:
        """Send a message; return everything heard since the last time."""
        data = message if isinstance(message, bytes) else encode(message)
        self.is_welcome = self.gateway.receive(self.client, data)
        self.gateway.flush()
        return self.mailbox.take()


@pytest.fixture
def gateway(exchange) -> Gateway:
    return Gateway(exchange)


@pytest.fixture
def visitor(gateway) -> Visitor:
    visitor = Visitor(gateway)
    visitor.say(wire.Login(api_key="practice"))
    return visitor


def buy(number: int, price: str = "49.0") -> wire.Place:
    return wire.Place(f"p-{number}", "7_ETF", "buy", price, "2")


def names(messages) -> list[str]:
    return [type(message).__name__ for message in messages]


def test_a_login_is_answered_by_welcome_and_state(gateway) -> None:
    visitor = Visitor(gateway)
    welcome, state = visitor.say(wire.Login(api_key="practice"))
    assert visitor.is_welcome
    assert (welcome.account, welcome.heartbeat_s) == ("practice", 1.0)
    assert [product.symbol for product in welcome.products] == ["1_Eisbach", "7_ETF"]
    assert welcome.products[1].tick_size == "0.1"
    assert welcome.products[1].position_limit == "20"
    assert [(p.symbol, p.quantity) for p in state.positions] == [("1_Eisbach", "0"), ("7_ETF", "0")]


def test_missed_executions_come_between_welcome_and_state(gateway, visitor, exchange) -> None:
    visitor.say(buy(1))
    other = Visitor(gateway)
    other.say(wire.Login(api_key="other"))
    other.say(wire.Place("o-1", "7_ETF", "sell", "49.0", "1"))
    again = Visitor(gateway)
    heard = again.say(wire.Login(api_key="practice", executions_after=0))
    assert names(heard) == ["Welcome", "Execution", "AccountState"]
    assert heard[2].orders[0].leaves == "1"


@pytest.mark.parametrize(
    "first", [wire.CancelAll(), wire.Login(api_key="a", account="b"), b"GET /"]
)
def test_whoever_does_not_log_in_first_has_to_go(gateway, first) -> None:
    visitor = Visitor(gateway)
    (error,) = visitor.say(first)
    assert isinstance(error, wire.ErrorMessage)
    assert not visitor.is_welcome
    assert gateway.refused == 1


def test_a_stranger_hears_nothing_before_the_login(gateway, visitor) -> None:
    stranger = Visitor(gateway)
    visitor.say(wire.Subscribe(all=True))
    visitor.say(buy(1))
    assert stranger.mailbox.take() == []


def test_too_many_accounts_are_turned_away(gateway, monkeypatch) -> None:
    monkeypatch.setattr(exchange_module, "MAX_ACCOUNTS", 0)
    visitor = Visitor(gateway)
    (error,) = visitor.say(wire.Login(api_key="late"))
    assert error.code == "LOGIN_REFUSED"


def test_a_second_login_is_refused_and_changes_nothing(visitor) -> None:
    (error,) = visitor.say(wire.Login(api_key="other"))
    assert error.code == "ALREADY_LOGGED_IN"
    assert visitor.is_welcome
    assert visitor.client.account.key == "practice"


@pytest.mark.parametrize("data", [b"", b"nonsense", b'{"type":"place"}', b"\xff", b"[" * 60_000])
def test_bad_messages_are_answered_and_counted(visitor, gateway, data) -> None:
    (error,) = visitor.say(data)
    assert (error.code, gateway.refused) == ("MALFORMED", 1)
    assert visitor.is_welcome
    assert names(visitor.say(wire.Ping(nonce=4))) == ["Pong"]


def test_a_cancel_without_an_id_is_malformed(visitor) -> None:
    (error,) = visitor.say(wire.Cancel(symbol="7_ETF"))
    assert error.code == "MALFORMED"


def test_a_subscription_is_answered_by_snapshots_and_followed_by_deltas(visitor) -> None:
    heard = visitor.say(wire.Subscribe(symbols=["7_ETF", "9_Nothing"]))
    assert names(heard) == ["Snapshot", "ErrorMessage"]
    heard = visitor.say(buy(1))
    assert names(heard) == ["OrderReport", "Delta"]
    assert heard[1].seq == 1
    assert names(visitor.say(wire.Resync(symbol="7_ETF"))) == ["Snapshot"]


def test_all_is_every_product(visitor) -> None:
    heard = visitor.say(wire.Subscribe(all=True))
    assert [message.symbol for message in heard] == ["1_Eisbach", "7_ETF"]


def test_what_was_not_subscribed_is_not_heard(visitor) -> None:
    visitor.say(wire.Subscribe(symbols=["1_Eisbach"]))
    assert names(visitor.say(buy(1))) == ["OrderReport"]


def test_private_messages_go_to_every_connection_of_the_account_only(gateway, visitor) -> None:
    """A second login with the same key sees, and can cancel, the same orders."""
    twin, stranger = Visitor(gateway), Visitor(gateway)
    twin.say(wire.Login(api_key="practice"))
    stranger.say(wire.Login(api_key="stranger"))
    visitor.say(buy(1))
    assert names(twin.mailbox.take()) == ["OrderReport"]
    assert stranger.mailbox.take() == []
    (report,) = twin.say(wire.CancelAll())
    assert report.status == "canceled"
    assert names(visitor.mailbox.take()) == ["OrderReport"]


def test_orders_can_be_replaced_and_canceled(visitor) -> None:
    visitor.say(buy(1))
    (moved,) = visitor.say(wire.Replace(client_order_id="p-1", price="49.3", quantity="5"))
    assert (moved.price, moved.quantity) == ("49.3", "5")
    (gone,) = visitor.say(wire.Cancel(client_order_id="p-1"))
    assert gone.status == "canceled"


def test_an_order_can_be_replaced_by_the_exchanges_number(visitor) -> None:
    """Who did not place it does not know its text."""
    (opened,) = visitor.say(buy(1))
    (moved,) = visitor.say(wire.Replace(order_id=opened.order_id, price="49.3", quantity="5"))
    assert (moved.client_order_id, moved.price, moved.quantity) == ("p-1", "49.3", "5")
    (gone,) = visitor.say(wire.Replace(order_id=987_654, price="49.3", quantity="5"))
    assert (gone.status, gone.order_id) == ("canceled", 987_654)


def test_a_replace_of_no_order_at_all_is_not_understood(visitor) -> None:
    (answer,) = visitor.say(wire.Replace(price="49.3", quantity="5"))
    assert (answer.code, answer.text) == (
        "MALFORMED", "replace needs client_order_id or order_id",
    )  # fmt: skip


def test_the_state_can_be_asked_for_again(visitor) -> None:
    visitor.say(buy(1))
    (state,) = visitor.say(wire.StateRequest())
    assert state.orders[0].client_order_id == "p-1"


def test_heartbeats_go_to_everybody_who_is_logged_in(gateway, visitor) -> None:
    nobody = Visitor(gateway)
    gateway.heartbeat()
    assert names(visitor.mailbox.take()) == ["Heartbeat"]
    assert nobody.mailbox.take() == []


def test_orders_outlive_a_connection(gateway, visitor, exchange) -> None:
    """Or a crashed engine would have nothing to recover."""
    visitor.say(buy(1))
    gateway.leave(visitor.client)
    assert len(exchange.state(visitor.client.account).orders) == 1
    assert gateway.clients == 0


def test_a_login_may_ask_for_the_opposite(gateway, exchange) -> None:
    visitor = Visitor(gateway)
    visitor.say(wire.Login(api_key="practice", cancel_on_disconnect=True))
    visitor.say(buy(1))
    gateway.leave(visitor.client)
    assert exchange.state(visitor.client.account).orders == []


def enter(gateway, *, lease: int = 0, key: str = "practice", **options) -> tuple[Visitor, list]:
    visitor = Visitor(gateway)
    return visitor, visitor.say(wire.Login(api_key=key, lease=lease, **options))


def codes(messages) -> list[str]:
    return [message.code for message in messages if isinstance(message, wire.ErrorMessage)]


def test_a_newer_lease_fences_the_older_one_at_once(gateway) -> None:
    older, _ = enter(gateway, lease=5)
    older.say(buy(1))
    newer, _ = enter(gateway, lease=6)
    assert codes(older.mailbox.take()) == ["FENCED"]
    assert [m.reason for m in older.say(buy(2))] == ["FENCED"]
    moved = older.say(wire.Replace(client_order_id="p-1", price="48.9", quantity="2"))
    assert [(m.status, m.reason, m.price) for m in moved] == [("open", "FENCED", "49.0")]
    newer.mailbox.take()
    assert [m.status for m in newer.say(buy(3))] == ["open"]


def test_who_is_fenced_may_still_cancel(gateway) -> None:
    older, _ = enter(gateway, lease=5)
    older.say(buy(1))
    enter(gateway, lease=6)
    older.mailbox.take()
    assert [m.status for m in older.say(wire.Cancel(client_order_id="p-1"))] == ["canceled"]


def test_who_comes_back_with_an_old_lease_is_told_so(gateway) -> None:
    enter(gateway, lease=6)
    _, heard = enter(gateway, lease=5)
    assert codes(heard) == ["FENCED"]


def test_leases_are_an_accounts_own_and_those_without_take_no_part(gateway) -> None:
    enter(gateway, lease=6)
    stranger, heard = enter(gateway, lease=1, key="other")
    plain, _ = enter(gateway)
    assert codes(heard) == []
    assert [m.status for m in stranger.say(buy(1))] == ["open"]
    plain.mailbox.take()
    assert [m.status for m in plain.say(buy(2))] == ["open"]


def test_a_lost_connection_cancels_with_its_reason(gateway) -> None:
    watcher, _ = enter(gateway)
    visitor, _ = enter(gateway, cancel_on_disconnect=True)
    visitor.say(buy(1))
    watcher.mailbox.take()
    gateway.leave(visitor.client)
    gateway.flush()
    assert [(m.status, m.reason) for m in watcher.mailbox.take()] == [("canceled", "DISCONNECTED")]


def test_the_state_comes_after_the_executions_that_were_missed(gateway, visitor, exchange) -> None:
    other = exchange.account("other")
    exchange.place(other, wire.Place("o-1", "7_ETF", "sell", "50.0", "5"))
    visitor.say(wire.Place("p-1", "7_ETF", "buy", "50.0", "2"))
    heard = visitor.say(wire.StateRequest(executions_after=0))
    assert names(heard) == ["Execution", "AccountState"]
    assert (heard[0].account_seq, heard[1].repeated) == (0, 1)
    assert names(visitor.say(wire.StateRequest())) == ["AccountState"]


def test_an_order_can_be_asked_about(visitor) -> None:
    visitor.say(buy(1))
    (report,) = visitor.say(wire.OrderRequest(client_order_id="p-1"))
    assert (report.status, report.account_seq) == ("open", 0)
    assert codes(visitor.say(wire.OrderRequest())) == ["MALFORMED"]


def test_a_heartbeat_tells_each_account_its_own_number(gateway, visitor) -> None:
    stranger, _ = enter(gateway, key="other")
    visitor.say(buy(1))
    gateway.heartbeat()
    assert visitor.mailbox.take()[-1].account_seq == 1
    assert stranger.mailbox.take()[-1].account_seq == 0


def test_a_dead_man_timer_is_set_by_message(gateway, visitor, exchange) -> None:
    visitor.say(buy(1))
    assert visitor.say(wire.CancelAllAfter(timeout_ms=500)) == []
    exchange.skip(500_000_000)
    gateway.flush()
    assert [(m.status, m.reason) for m in visitor.mailbox.take()] == [("canceled", "DEAD_MAN")]


def test_who_is_fenced_does_not_keep_the_dead_man_timer_from_firing(gateway, exchange) -> None:
    """An engine that lives on and may not trade must not vouch for the one that does."""
    older, _ = enter(gateway, lease=5)
    newer, _ = enter(gateway, lease=6)
    newer.say(buy(1))
    newer.say(wire.CancelAllAfter(timeout_ms=500))
    for timeout_ms in (5_000, 0):
        older.say(wire.CancelAllAfter(timeout_ms=timeout_ms))
    exchange.skip(500_000_000)
    gateway.flush()
    assert [m.reason for m in newer.mailbox.take()] == ["DEAD_MAN"]


def test_each_connection_of_an_account_hears_the_same_numbers(gateway) -> None:
    first, _ = enter(gateway)
    second, _ = enter(gateway)
    (told,) = first.say(buy(1))
    assert second.mailbox.take() == [told]
    assert told.account_seq == 1


def test_a_login_is_told_which_messages_its_state_includes(gateway, visitor) -> None:
    visitor.say(buy(1))
    visitor.say(buy(2))
    _, heard = enter(gateway)
    assert names(heard) == ["Welcome", "AccountState"]
    assert (heard[1].account_seq, heard[1].nonce) == (2, 0)


def test_a_request_for_the_state_is_answered_with_its_number(visitor) -> None:
    (state,) = visitor.say(wire.StateRequest(nonce=9))
    assert state.nonce == 9


def test_the_same_lease_may_be_used_by_several_connections(gateway) -> None:
    first, _ = enter(gateway, lease=6)
    second, heard = enter(gateway, lease=6)
    assert codes(heard) == codes(first.mailbox.take()) == []
    assert [m.status for m in second.say(buy(1))] == ["open"]


def test_everything_of_an_account_can_be_canceled_by_whoever_may_not_trade(gateway) -> None:
    older, _ = enter(gateway, lease=5)
    newer, _ = enter(gateway, lease=6)
    newer.say(buy(1))
    older.mailbox.take()
    assert [m.status for m in older.say(wire.CancelAll())] == ["canceled"]
