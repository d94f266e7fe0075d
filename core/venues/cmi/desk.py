"""
What is done with our orders: requests for them, and what their answers mean.

No client ids, no amend and no order that expires at once: an order that is to take what
there is, is sent and its rest canceled, and an order that is to move is canceled and sent
again. Each is two requests, and counts as two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from core.domain import events
from core.domain.enums import LiquiditySide, OrderStatus, RejectReason
from core.domain.events import EventRow
from core.venues.cmi.codec import encode, plain
from core.venues.cmi.fills import OwnFill
from core.venues.cmi.market import Market
from core.venues.cmi.messages import NewOrder, OrderAnswer, OrderRow
from core.venues.cmi.own_orders import OrderTable, OwnOrder, Stage, foreign_number
from core.venues.cmi.refusals import reason_of
from core.venues.cmi.requests import Budget, Kind, Request, Urgency

MAX_WAIT_S = 3.0
"""A new order that could not be sent for so long is refused: its reason is out of date."""

_SURE_S = 1.0
"""A list that was asked for so long after an order's end does not name it any more."""

OWED_S = 2.0
"""Executions that an answer told of and no message did for so long are asked for."""


class OrderDesk:
    """
    Our orders, between what the kernel wants and what the exchange answers.

    Args:
        markets: Our instruments.
        budget: Where requests wait for their turn.
        tell: Takes the events.
    """

    def __init__(
        self, markets: Sequence[Market], budget: Budget, tell: Callable[[EventRow], None]
    ) -> None:
        self._markets = markets
        self._by_symbol = {market.symbol: market for market in markets}
        self._budget = budget
        self._tell = tell
        self.table = OrderTable()
        self._sought: dict[int, int] = {}
        """Instrument by number of the orders that are looked for among the open ones."""
        self._looked_for: dict[int, int] = {}
        """Of those, the ones that a list has been read for."""
        self.has_to_look = False
        """An execution is missing: the trades have to be looked at."""
        self._now_s = 0.0
        self.is_reading = False
        """The whole account is being told: orders that are found are told with it."""
        self.has_no_levels = False
        """The exchange does not cancel by price: what was asked was refused."""
        self.foreign_orders = 0
        """Open orders of the newest list in products that are not ours."""

    def place(
        self,
        now_s: float,
        instrument: int,
        number: int,
        side: int,
        price_ticks: int,
        lots: int,
        flags: int,
    ) -> None:
        """Take a new order. Flags: IOC and POST_ONLY of `core.domain.events`."""
        order = OwnOrder(
            number,
            instrument,
            side,
            price_ticks,
            lots,
            is_ioc=bool(flags & events.IOC),
            is_post_only=bool(flags & events.POST_ONLY),
        )
        self.table.add(order)
        self._send(order, now_s)

    def cancel(self, now_s: float, instrument: int, number: int) -> None:
        """Take an order out, or its rest; one that nobody knows is looked for."""
        order = self.table.get(number)
        if order is None:
            self._seek(now_s, instrument, number, Urgency.PLACE)
            return
        order.wish = None
        if order.stage is Stage.WAITING:
            self._unqueue(order)
            self._end(order, OrderStatus.CANCELED)
        elif order.stage in {Stage.SENT, Stage.LOST}:
            order.is_unwanted = True
        elif order.stage is Stage.RESTING or (
            order.stage is Stage.CANCELING and self._unqueue(order)
        ):
            self._withdraw(order, Urgency.CANCEL, now_s)
        elif order.stage is Stage.OVER:
            self._answer(order, OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)

    def replace(
        self, now_s: float, instrument: int, number: int, price_ticks: int, lots: int
    ) -> None:
        """Move an order: cancel it and, once that is answered, send it anew."""
        order = self.table.get(number)
        if order is None:
            self._seek(now_s, instrument, number, Urgency.PLACE)
        elif order.stage is Stage.OVER:
            self._answer(order, OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)
        elif order.stage is Stage.WAITING:
            self._unqueue(order)
            self._resend(order, price_ticks, lots, now_s)
        elif order.stage is not Stage.CANCELING or order.wish is not None:
            order.wish = (price_ticks, lots)
            if order.stage is Stage.RESTING:
                self._withdraw(order, Urgency.PLACE, now_s)

    def query(self, now_s: float, instrument: int, number: int) -> None:
        """Answer what became of an order, from what the exchange has told or will tell."""
        order = self.table.get(number)
        if order is not None and order.stage is Stage.OVER:
            self._answer(order, order.ending, order.reason)
        elif order is None or order.stage in {Stage.RESTING, Stage.CANCELING}:
            self._seek(now_s, instrument, number, Urgency.ASK)

    @property
    def has_cancels(self) -> bool:
        """Whether orders are to be canceled that still stand, as far as we know."""
        return any(
            order.is_unwanted or (order.stage is Stage.CANCELING and order.wish is None)
            for order in self.table.live()
        )

    def may_go(self, order: OwnOrder, now_s: float) -> bool:
        """Say whether an order whose turn has come is still to be sent; if not, it is over."""
        if self._would_cross(order):
            self._end(order, OrderStatus.REJECTED, RejectReason.WOULD_CROSS)
            return False
        order.stage, order.since_s = Stage.SENT, now_s
        return True

    def tick(self, now_s: float) -> None:
        """Refuse what has waited for too long, and notice executions that do not come."""
        self._now_s = now_s
        self._answer_looked_for()
        for order in list(self.table):
            waited_s = now_s - order.since_s
            if order.stage is Stage.WAITING and waited_s > MAX_WAIT_S:
                self._unqueue(order)
                self._end(order, OrderStatus.REJECTED, RejectReason.RATE_LIMIT)
            elif order.owed_lots > 0 and waited_s > OWED_S:
                order.since_s = now_s
                self.has_to_look = True

    def on_placed(self, order: OwnOrder, answer: OrderAnswer, now_s: float) -> None:
        """
        Take in that an order was accepted.

        Raises:
            DecodeError: If the numbers are none of this product.
        """
        grid = self._markets[order.instrument].grid
        left_lots = grid.lots(plain(answer.volume))
        filled_lots = grid.lots(plain(answer.filled))
        self.table.name(order, str(answer.id))
        order.told_lots = max(order.told_lots, order.before_lots + filled_lots)
        order.stage, order.since_s = Stage.RESTING, now_s
        if order.leaves_lots > 0:
            # What has traded comes as fills, in their own messages.
            self._answer(order, OrderStatus.OPEN)
        if left_lots == 0:
            is_short = order.before_lots + filled_lots < order.lots
            self._over(order, OrderStatus.CANCELED if is_short else OrderStatus.FILLED)
            if is_short:
                self._answer(order, OrderStatus.CANCELED, RejectReason.OTHER)
        elif order.is_ioc or order.is_unwanted:
            self._withdraw(order, Urgency.CANCEL, now_s)
        elif order.wish is not None:
            self._withdraw(order, Urgency.PLACE, now_s)

    def widened(self, request: Request) -> Request:
        """
        Cancel a whole level at once, where nothing of ours there is to stay.

        Args:
            request: A cancel whose turn has come.

        Returns:
            It, or one request in its place and that of others which waited.
        """
        order = request.order
        assert order is not None
        place = (order.instrument, order.side, order.price_ticks)
        others = [
            other
            for other in self.table.live()
            if other is not order and (other.instrument, other.side, other.price_ticks) == place
        ]
        if self.has_no_levels or not all(_is_leaving(other) for other in others):
            return request
        waiting = self._budget.drop(lambda r: r.kind is Kind.CANCEL and r.order in others)
        if not waiting:
            return request
        grid = self._markets[order.instrument].grid
        query = urlencode(
            {
                "product": grid.instrument.symbol,
                "price": grid.price(order.price_ticks),
                "side": "BUY" if order.side > 0 else "SELL",
            }
        )
        same = tuple(each.order for each in waiting if each.order is not None)
        return replace(request, path=f"/order?{query}", others=same)

    def on_level_canceled(self, request: Request, now_s: float) -> None:
        """Take in that nothing rests at a level any more; whether it traded, the trades tell."""
        self.has_to_look = True
        for order in request.others:
            self.on_canceled(order, now_s)

    def apart(self, request: Request, now_s: float) -> None:
        """Cancel one by one what could not be canceled together."""
        assert request.order is not None
        for order in (request.order, *request.others):
            if order.stage is Stage.CANCELING:
                self._withdraw(order, request.urgency, now_s)

    def wait_again(self, order: OwnOrder) -> None:
        """Take in that an order was certainly not served: it waits on, as long as it would have."""
        order.stage = Stage.WAITING

    def on_refused(self, order: OwnOrder, message: str) -> None:
        """Take in that an order was not accepted; one that was to be moved is gone with that."""
        self._end(order, OrderStatus.REJECTED, reason_of(message))

    def on_lost(self, order: OwnOrder, now_s: float) -> None:
        """
        Take in that nobody knows whether an order arrived. It is not sent again.

        The open orders tell, and if it is not among them the trades.
        """
        if order.leaves_lots == 0:
            self._over(order, OrderStatus.FILLED)
            return
        order.stage, order.since_s = Stage.LOST, now_s
        self.ask_for_orders(Urgency.ASK, now_s)

    def on_canceled(self, order: OwnOrder, now_s: float) -> None:
        """Take in that an order does not rest any more."""
        if order.stage is Stage.OVER:
            return
        if order.wish is not None:
            self._resend(order, *order.wish, now_s)
        else:
            self._end(order, OrderStatus.EXPIRED if order.is_ioc else OrderStatus.CANCELED)

    def on_not_found(self, order: OwnOrder) -> None:
        """Take in that there was nothing to cancel: it traded, or somebody else canceled it."""
        if order.stage is not Stage.OVER:
            self.has_to_look = order.leaves_lots > 0
            self._end(order, OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)

    def on_open_orders(self, rows: Sequence[OrderRow], asked_s: float, now_s: float) -> None:
        """
        Take in the open orders.

        Args:
            rows: All of them.
            asked_s: When they were asked for: what came to rest later need not be there.
            now_s: Now.

        Raises:
            DecodeError: If the numbers are none of the products.
        """
        self.foreign_orders, self._now_s = 0, now_s
        listed: set[int] = set()
        for order in self.table:
            order.listed_lots = None
        for row in rows:
            found = self._listed(row, asked_s, now_s)
            if found is not None:
                listed.add(found.number)
        for order in self.table.live():
            if order.number in listed or order.since_s > asked_s:
                continue
            if order.stage in {Stage.RESTING, Stage.CANCELING}:
                self.on_not_found(order)
            elif order.stage is Stage.LOST:
                # Not resting: it traded, which the trades tell, or it never arrived.
                self.has_to_look = order.is_missing = True
                order.since_s = now_s
        self._looked_for.update(self._sought)
        self._sought.clear()
        self._answer_looked_for()

    def settle_lost(self, asked_s: float) -> None:
        """
        Once the trades were looked at: what neither rests nor has traded never arrived.

        Args:
            asked_s: When they were asked for.
        """
        for order in self.table.live():
            if order.stage is Stage.LOST and order.is_missing and order.since_s <= asked_s:
                self._end(order, OrderStatus.REJECTED, RejectReason.OTHER)

    def on_fill(self, fill: OwnFill) -> EventRow:
        """Give an execution to its order; returns the event."""
        market = self._markets[fill.instrument]
        if market.held_lots is not None:
            market.held_lots += fill.side * fill.lots
        order = self.table.trader(fill)
        is_taker = fill.is_taker
        if is_taker is None and order is not None:
            is_taker = order.stage is Stage.SENT or order.owed_lots > 0
        liquidity = LiquiditySide.TAKER if is_taker else LiquiditySide.MAKER
        if order is not None and not order.is_new:
            order.cum_lots += fill.lots
            if order.leaves_lots == 0 and order.stage is not Stage.SENT:
                self._unqueue(order)
                self._over(order, OrderStatus.FILLED)
        return events.fill(
            fill.instrument,
            order.number if order is not None else -1,
            fill.trade_id,
            fill.side,
            fill.price_ticks,
            fill.lots,
            leaves_lots=order.leaves_lots if order is not None else 0,
            fee_nanos=market.fee_nanos(fill, liquidity),
            liquidity=liquidity,
            exch_ts_ns=fill.key.ts_ns,
        )

    def account_rows(self) -> list[EventRow]:
        """
        Every live order as a part of the account's state: also those on their way.

        What the exchange lists counts more than to whom executions were given.
        """
        for order in self.table:
            order.is_new = False
            if order.listed_lots is not None and order.stage is not Stage.OVER:
                order.cum_lots = order.told_lots = max(0, order.lots - order.listed_lots)
        return [
            self._report(order, OrderStatus.OPEN, flags=events.ACCOUNT_STATE)
            for order in self.table.live()
        ]

    def lose_connection(self, now_s: float) -> int:
        """
        Forget what waits, and know that what is unanswered may have happened.

        Returns:
            How many requests of the kernel's were not sent.
        """
        unsent = 0
        for order in self.table.live():
            order.wish, order.is_unwanted = None, False
            if order.stage is Stage.WAITING:
                unsent += 1
                self._end(order, OrderStatus.REJECTED, RejectReason.MARKET_CLOSED)
            elif order.stage is Stage.SENT:
                order.stage, order.since_s = Stage.LOST, now_s
            elif order.stage is Stage.CANCELING:
                order.stage = Stage.RESTING
        self._sought.clear()
        self._looked_for.clear()
        return unsent

    def withdraw_rests(self, now_s: float) -> None:
        """Cancel what is left of orders that were to take at once, after a connection was lost."""
        for order in self.table.live():
            if order.is_ioc and order.stage is Stage.RESTING:
                self._withdraw(order, Urgency.CANCEL, now_s)

    def cancel_everything(self, now_s: float) -> None:
        """Cancel every order that is known; call it once the open ones have been told."""
        for order in self.table.live():
            self.cancel(now_s, order.instrument, order.number)

    def ask_for_orders(self, urgency: Urgency, now_s: float, *, is_of_sync: bool = False) -> None:
        """Ask for the open orders, once if that waits already."""
        waiting = self._budget.drop(lambda r: r.kind is Kind.ORDERS and not r.is_of_sync)
        # One that waited has not been asked yet: it may tell of this moment, too.
        urgency = min([urgency, *(request.urgency for request in waiting)])
        path = "/order/current-user"
        if waiting and is_of_sync:
            self._budget.add(Request(Kind.ORDERS, urgency, "GET", path, since_s=now_s))
        self._budget.add(
            Request(Kind.ORDERS, urgency, "GET", path, is_of_sync=is_of_sync, since_s=now_s)
        )

    def _send(self, order: OwnOrder, now_s: float) -> None:
        """Have an order wait for its turn."""
        order.stage, order.since_s = Stage.WAITING, now_s
        order.sent_lots, order.before_lots = order.leaves_lots, order.cum_lots
        if self._would_cross(order):
            self._end(order, OrderStatus.REJECTED, RejectReason.WOULD_CROSS)
            return
        market = self._markets[order.instrument]
        held_lots = (market.held_lots or 0) * order.side
        body = NewOrder(
            product=market.symbol,
            price=Decimal(market.grid.price(order.price_ticks)),
            side="BUY" if order.side > 0 else "SELL",
            volume=Decimal(market.grid.quantity(order.sent_lots)),
        )
        urgency = Urgency.REDUCE if order.sent_lots <= -held_lots else Urgency.PLACE
        self._budget.add(
            Request(Kind.PLACE, urgency, "POST", "/order", encode(body), order=order, since_s=now_s)
        )

    def _resend(self, order: OwnOrder, price_ticks: int, lots: int, now_s: float) -> None:
        """Send an order anew that does not rest: at another price, what is left of another size."""
        order.wish = None
        if lots <= order.cum_lots:
            # Smaller than what has traded: nothing of it may trade any more.
            self._end(order, OrderStatus.CANCELED)
            return
        order.price_ticks, order.lots = price_ticks, lots
        self._send(order, now_s)

    def _withdraw(self, order: OwnOrder, urgency: Urgency, now_s: float) -> None:
        order.stage, order.since_s = Stage.CANCELING, now_s
        path = f"/order/{order.venue_id}"
        self._budget.add(Request(Kind.CANCEL, urgency, "DELETE", path, order=order, since_s=now_s))

    def _unqueue(self, order: OwnOrder) -> bool:
        """Take back what waits for an order. False if nothing did."""
        return bool(self._budget.drop(lambda request: request.order is order))

    def _would_cross(self, order: OwnOrder) -> bool:
        """CMI knows no post-only: what the book shows at this moment has to do."""
        market = self._markets[order.instrument]
        opposite = market.best_ask if order.side > 0 else market.best_bid
        return order.is_post_only and opposite > 0 and order.could_trade_at(opposite)

    def _seek(self, now_s: float, instrument: int, number: int, urgency: Urgency) -> None:
        """Look for an order among the open ones."""
        self._sought[number] = instrument
        self.ask_for_orders(urgency, now_s)

    def _answer_looked_for(self) -> None:
        """Say what became of those that were looked for, once no answer is awaited."""
        # It may be an order of just now that the list did not hold yet.
        if any(order.stage is Stage.SENT for order in self.table):
            return
        for number, instrument in self._looked_for.items():
            self._answer_sought(number, instrument)
        self._looked_for.clear()

    def _answer_sought(self, number: int, instrument: int) -> None:
        order = self.table.get(number)
        if order is None:
            self._tell(
                events.order_report(
                    instrument,
                    number,
                    OrderStatus.CANCELED,
                    reason=RejectReason.UNKNOWN_ORDER,
                )
            )
        elif order.stage is not Stage.OVER:
            self._answer(order, OrderStatus.OPEN)

    def _listed(self, row: OrderRow, asked_s: float, now_s: float) -> OwnOrder | None:
        """Find the order that an open one is; one that nobody knows is somebody else's."""
        market = self._by_symbol.get(row.product)
        if market is None:
            self.foreign_orders += 1
            return None
        ticks = market.grid.ticks(plain(row.price))
        left_lots = market.grid.lots(plain(row.volume))
        side = 1 if row.side == "BUY" else -1
        order = self.table.named(str(row.id))
        if order is not None:
            self._still_listed(order, left_lots, asked_s, now_s)
            return order
        for stage in (Stage.LOST, Stage.SENT):
            order = self.table.lost(stage, market.index, side, ticks, left_lots)
            if order is not None:
                break
        if order is None:
            order = OwnOrder(foreign_number(str(row.id)), market.index, side, ticks, left_lots)
            order.sent_lots, order.is_new = left_lots, self.is_reading
            self.table.add(order)
        elif order.stage is Stage.SENT:
            # Its answer is about to tell.
            return order
        self._found(order, str(row.id), left_lots, now_s)
        return order

    def _still_listed(self, order: OwnOrder, left_lots: int, asked_s: float, now_s: float) -> None:
        """An order that was named before stands in the list."""
        order.listed_lots = left_lots
        if order.is_new:
            order.lots = order.sent_lots = left_lots
        elif order.stage is not Stage.OVER:
            order.told_lots = max(order.told_lots, order.lots - left_lots)
        elif order.over_s + _SURE_S <= asked_s:
            # It was taken for filled: executions were given to it that were another's.
            order.cum_lots = max(0, order.lots - left_lots)
            self._found(order, order.venue_id, left_lots, now_s)

    def _found(self, order: OwnOrder, venue_id: str, left_lots: int, now_s: float) -> None:
        """An order turned out to rest."""
        self.table.name(order, venue_id)
        order.listed_lots = left_lots
        order.stage, order.since_s, order.is_missing = Stage.RESTING, now_s, False
        order.told_lots = max(order.told_lots, order.lots - left_lots)
        if not self.is_reading:
            self._answer(order, OrderStatus.OPEN)
        if order.is_unwanted or order.is_ioc:
            self._withdraw(order, Urgency.CANCEL, now_s)
        elif order.wish is not None:
            self._withdraw(order, Urgency.PLACE, now_s)

    def _over(self, order: OwnOrder, ending: OrderStatus) -> None:
        order.stage, order.ending, order.wish = Stage.OVER, ending, None
        order.over_s = self._now_s

    def _end(
        self, order: OwnOrder, status: OrderStatus, reason: RejectReason = RejectReason.NONE
    ) -> None:
        """End an order and say so."""
        if status is OrderStatus.REJECTED and order.before_lots + order.cum_lots > 0:
            # It stood before it was to move: an order that has traded cannot be refused.
            status = OrderStatus.CANCELED
        self._over(order, status)
        order.reason = reason
        self._answer(order, status, reason)

    def _answer(
        self, order: OwnOrder, status: OrderStatus, reason: RejectReason = RejectReason.NONE
    ) -> None:
        self._tell(self._report(order, status, reason))

    def _report(
        self,
        order: OwnOrder,
        status: OrderStatus,
        reason: RejectReason = RejectReason.NONE,
        *,
        flags: int = 0,
    ) -> EventRow:
        is_open = status is OrderStatus.OPEN
        return events.order_report(
            order.instrument,
            order.number,
            status,
            side=order.side,
            price_ticks=order.price_ticks,
            lots=order.lots,
            leaves_lots=order.leaves_lots if is_open else 0,
            reason=reason,
            flags=flags,
        )


def _is_leaving(order: OwnOrder) -> bool:
    """Whether an order is not to rest where it is; one that was not sent does not."""
    return order.stage in {Stage.WAITING, Stage.CANCELING} or order.is_unwanted
