"""What holds for any sequence of orders, against a plain list as the model."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import RejectReason
from core.domain.events import IOC, POST_ONLY
from core.kernel import matching

MAX_ORDERS, MAX_LEVELS = 24, 6

requests = st.lists(
    st.one_of(
        st.tuples(
            st.just("submit"),
            st.integers(1, 30),
            st.integers(0, 3),
            st.sampled_from([1, -1]),
            st.integers(96, 104),
            st.integers(1, 9),
            st.sampled_from([0, 0, POST_ONLY, IOC]),
        ),
        st.tuples(st.just("cancel"), st.integers(1, 30)),
        st.tuples(st.just("replace"), st.integers(1, 30), st.integers(96, 104), st.integers(1, 9)),
    ),
    max_size=60,
)


@dataclass
class Quote:
    order_id: int
    owner: int
    side: int
    ticks: int
    lots: int
    flags: int


class PlainBook:
    """Price-time priority as one would explain it: a list in order of arrival."""

    def __init__(self):
        self.quotes = []

    def find(self, order_id):
        return next((quote for quote in self.quotes if quote.order_id == order_id), None)

    def levels(self, side):
        return len({quote.ticks for quote in self.quotes if quote.side == side})

    def refuses(self, quote, *, replacing=False):
        crosses = any((quote.ticks - q.ticks) * quote.side >= 0 for q in self.against(quote))
        if not replacing and self.find(quote.order_id):
            return RejectReason.DUPLICATE_ORDER_ID
        if not quote.flags & IOC:
            known = {q.ticks for q in self.quotes if q.side == quote.side}
            full = len(self.quotes) == MAX_ORDERS and not replacing
            if full or (len(known) == MAX_LEVELS and quote.ticks not in known):
                return RejectReason.TOO_MANY_ORDERS
        return RejectReason.WOULD_CROSS if quote.flags & POST_ONLY and crosses else 0

    def against(self, quote):
        opposite = [q for q in self.quotes if q.side == -quote.side]
        return sorted(opposite, key=lambda q: q.ticks * quote.side)

    def submit(self, quote, *, replacing=False):
        reason = self.refuses(quote, replacing=replacing)
        if reason:
            return -reason, []
        if replacing:
            self.quotes.remove(self.find(quote.order_id))
        fills, stopped = [], False
        for maker in self.against(quote):
            if quote.lots == 0 or (maker.ticks - quote.ticks) * quote.side > 0:
                break
            if maker.owner == quote.owner != matching.MARKET:
                stopped = True
                break
            lots = min(quote.lots, maker.lots)
            quote.lots -= lots
            maker.lots -= lots
            fills.append((maker.order_id, maker.ticks, lots, maker.lots, quote.lots))
        self.quotes = [q for q in self.quotes if q.lots > 0]
        if quote.lots and not stopped and not quote.flags & IOC:
            self.quotes.append(quote)
        return len(fills), fills

    def replace(self, order_id, ticks, lots):
        old = self.find(order_id)
        if old is None:
            return -RejectReason.UNKNOWN_ORDER, []
        new = Quote(order_id, old.owner, old.side, ticks, lots, old.flags)
        if ticks == old.ticks and lots <= old.lots and not self.refuses(new, replacing=True):
            old.lots = lots
            return 0, []
        return self.submit(new, replacing=True)


def queue(book, side):
    """Every order of a side, in the order in which it would trade."""
    ladder = 0 if side > 0 else 1
    orders = []
    for place in reversed(range(int(book.state[0]["level_count"][ladder]))):
        level = book.levels[ladder, place]
        row, total = int(level["head"]), 0
        while row != matching.NOWHERE:
            order = book.orders[row]
            orders.append(tuple(int(order[n]) for n in ("order_id", "price_ticks", "leaves_lots")))
            total += int(order["leaves_lots"])
            assert order["leaves_lots"] > 0
            row = int(order["behind"])
        assert total == level["lots"]
    return orders


@settings(deadline=None)  # the first call compiles
@given(requests)
def test_the_compiled_book_does_what_the_plain_one_does(steps):
    """Same answers, same executions at the maker's price, same queues, for any requests."""
    book = matching.make_book(MAX_ORDERS, MAX_LEVELS)
    executions = matching.make_executions(book)
    model = PlainBook()
    for kind, order_id, *rest in steps:
        fills = []
        if kind == "submit":
            owner, side, ticks, lots, flags = rest
            expected, fills = model.submit(Quote(order_id, owner, side, ticks, lots, flags))
            answer = matching.submit(book, order_id, owner, side, ticks, lots, flags, executions)
        elif kind == "replace":
            expected, fills = model.replace(order_id, *rest)
            answer = matching.replace(book, order_id, *rest, executions)
        else:
            known = model.find(order_id)
            expected = known.lots if known else -1
            if known:
                model.quotes.remove(known)
            answer = matching.cancel(book, order_id)
        assert answer == expected
        names = ("maker_order_id", "price_ticks", "lots", "maker_leaves_lots", "taker_leaves_lots")
        assert [tuple(int(row[n]) for n in names) for row in executions[: len(fills)]] == fills
        for side in (1, -1):
            wanted = sorted(
                (q for q in model.quotes if q.side == side), key=lambda q: -q.ticks * side
            )
            assert queue(book, side) == [(q.order_id, q.ticks, q.lots) for q in wanted]


@settings(deadline=None)  # the first call compiles
@given(requests)
def test_volume_is_conserved_and_the_book_never_rests_crossed(steps):
    """What came in has traded (counted on both sides), was canceled, or stands in the book."""
    book = matching.make_book(MAX_ORDERS, MAX_LEVELS)
    executions = matching.make_executions(book)
    came, left = 0, 0
    for kind, order_id, *rest in steps:
        if kind == "cancel":
            left += max(0, matching.cancel(book, order_id))
            continue
        if kind == "replace":
            row = matching.find(book, order_id)
            before = int(book.orders[row]["leaves_lots"]) if row != matching.NOWHERE else 0
            count = matching.replace(book, order_id, *rest, executions)
            if count >= 0:
                came, left = came + rest[-1], left + before
        else:
            count = matching.submit(book, order_id, *rest, executions)
            came += rest[3] if count >= 0 else 0
        if count >= 0:
            left += int(book.state[0]["canceled_lots"])
            left += 2 * sum(int(row["lots"]) for row in executions[:count])
        bid, ask = matching.best_ticks(book, 1), matching.best_ticks(book, -1)
        assert bid == 0 or ask == 0 or bid < ask
    standing = sum(lots for side in (1, -1) for _, _, lots in queue(book, side))
    assert came == left + standing
