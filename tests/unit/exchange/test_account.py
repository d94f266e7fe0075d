"""One participant."""

from __future__ import annotations

from core.exchange import account as account_module
from core.exchange.account import Account, Order


def make_account() -> Account:
    return Account("alice", 1000, [5, -7])


def test_the_worst_position_counts_one_side_of_one_market() -> None:
    account = make_account()
    for number, (market, side, lots, filled) in enumerate(
        [(1, 1, 10, 4), (1, -1, 9, 0), (0, 1, 50, 0), (1, 1, 2, 0)]
    ):
        name = f"a-{number}"
        account.orders[name] = Order(number, name, account, market, side, 100, lots, filled)
    assert account.worst_lots(1, 1) == -7 + 6 + 2
    assert account.worst_lots(1, -1) == 7 + 9


def test_tokens_come_back_with_time_but_do_not_pile_up() -> None:
    account = make_account()
    second = 10**9
    assert [account.take_token(100 * second, 2) for _ in range(3)] == [True, True, False]
    assert account.take_token(100 * second + second // 2, 2)
    assert not account.take_token(100 * second + second // 2, 2)
    assert [account.take_token(900 * second, 2) for _ in range(3)] == [True, True, False]


def test_only_so_many_old_ids_are_remembered(monkeypatch) -> None:
    """A day of trading must not fill the memory; an open order's id is never forgotten."""
    monkeypatch.setattr(account_module, "REMEMBERED_IDS", 3)
    account = make_account()
    account.orders["a-0"] = Order(1, "a-0", account, 0, 1, 100, 2)
    for number in range(5):
        account.use(f"a-{number}")
    assert account.has_used("a-0")
    assert not account.has_used("a-1")
    assert [account.has_used(f"a-{number}") for number in (2, 3, 4)] == [True] * 3
