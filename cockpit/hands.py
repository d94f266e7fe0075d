"""Trading by hand: keys that are armed first, tickets, and what is refused meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cockpit.actions import ACTIONS, Action, Confirm
from cockpit.lock import TradingLock
from cockpit.screens.confirm import ConfirmDialog
from cockpit.screens.form import FormDialog
from cockpit.screens.ticket import TicketDialog
from cockpit.viewmodels.amend import (
    amend_args,
    amend_form,
    amend_head,
    amend_trouble,
    find_order,
    protect_args,
    protect_form,
    protect_head,
    protect_trouble,
)
from cockpit.viewmodels.form import Form
from cockpit.viewmodels.ticket import Ticket, command_args, new_ticket, ticket_sentence
from core.domain.enums import Side

if TYPE_CHECKING:
    from cockpit.app import CockpitApp

TICKETS = {"buy-ticket": Side.BUY, "sell-ticket": Side.SELL}
"""Actions that open a ticket, and its side."""


class Hands:
    """
    The part of the cockpit that can ask for new risk.

    Args:
        app: Which shows and sends.
    """

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self.lock = TradingLock(app.settings.trading.lock_after_s)

    def refuses(self, action: Action) -> bool:
        """Whether an action has to wait until trading keys are armed; says so."""
        if not action.is_locked or self.lock.left_s or self._app.view.read_only:
            return False
        self._app.say(f"trading keys are locked: {self._key('arm')} arms them", "warn")
        return True

    def arm(self) -> None:
        """Let trading keys act; asked again, lock them."""
        say = self._app.say
        if self._app.view.read_only:
            say("read-only: there is nothing to arm", "warn")
        elif self.lock.left_s:
            self.lock.lock()
            say("trading keys are locked")
        else:
            self.lock.arm()
            keys = f"{self._key('buy-ticket')} buys, {self._key('sell-ticket')} sells"
            say(f"armed: {keys}; they lock themselves when left alone")

    def open_ticket(self, side: Side, price: float = 0.0) -> None:
        """
        Ask for an order by hand.

        Args:
            side: Of the order.
            price: To begin with; 0 for the best of our own side.
        """
        app = self._app
        if app.view.read_only:
            app.say("read-only: no order is sent", "warn")
            return
        if app.view.instrument is None:
            app.say("no instrument to trade: no engine is connected", "warn")
            return
        self.lock.arm()
        lot_size = app.view.describe(app.view.selected).lot_size
        presets = tuple(lots * lot_size for lots in app.settings.trading.size_presets)
        ticket = new_ticket(app.view, side, presets, price)
        app.put(TicketDialog(ticket, presets, app.view, self._take))

    def amend(self, order_id: int) -> None:
        """Ask for another price or size of a working order."""
        app = self._app
        order = find_order(app.view, order_id)
        if order is None or self.refuses(ACTIONS["amend"]):
            return
        if app.view.read_only:
            app.say("read-only: no order is changed", "warn")
            return
        self.lock.arm()

        def answered(form: Form | None) -> None:
            if form is None:
                app.say("nothing sent")
            elif not self.refuses(ACTIONS["amend"]):
                self.lock.arm()
                app.send(ACTIONS["amend"], amend_args(form, order_id))

        app.put(
            FormDialog(
                "Change an order",
                "send",
                amend_form(app.view, order),
                lambda view: amend_head(view, order_id),
                lambda form, view: amend_trouble(form, view, order_id),
                app.view,
                answered,
            )
        )

    def protect(self) -> None:
        """Ask for a stop and a target around what is held by hand in the chosen instrument."""
        app, index = self._app, self._app.view.selected
        if app.view.read_only:
            app.say("read-only: no stop is set", "warn")
            return
        if app.view.instrument is None:
            app.say("no position to protect: no engine is connected", "warn")
            return

        def answered(form: Form | None) -> None:
            if form is None:
                app.say("nothing sent")
            else:
                app.send(ACTIONS["protect"], protect_args(form, app.view.describe(index).symbol))

        app.put(
            FormDialog(
                "Stop and target",
                "set",
                protect_form(app.view),
                lambda view: protect_head(view, index),
                lambda form, view: protect_trouble(form, view, index),
                app.view,
                answered,
            )
        )

    def close_one(self) -> None:
        """Ask whether the position of the chosen instrument is to be closed."""
        app = self._app
        if app.view.instrument is None:
            app.say("no position to close: no engine is connected", "warn")
            return
        symbol = app.view.instrument.symbol
        action = replace(ACTIONS["flatten-one"], label=f"Close the position of {symbol}")
        app.confirm(action, {"instrument": symbol})

    def _take(self, ticket: Ticket | None) -> None:
        app = self._app
        if ticket is None:
            app.say("nothing sent")
        elif not self.lock.left_s:
            app.say("nothing sent: trading keys have locked themselves meanwhile", "warn")
        elif app.settings.trading.confirm:
            self._ask_again(ticket)
        else:
            self._send(ticket)

    def _ask_again(self, ticket: Ticket) -> None:
        label = ticket_sentence(ticket, self._app.view)
        action = replace(ACTIONS[_name(ticket)], label=label, confirm=Confirm.CONFIRM)

        def answered(agreed: bool) -> None:
            if agreed and self.lock.left_s:
                self._send(ticket)
            else:
                self._app.say("nothing sent")

        self._app.put(ConfirmDialog(action, self._app.view, answered))

    def _send(self, ticket: Ticket) -> None:
        self.lock.arm()
        self._app.send(ACTIONS[_name(ticket)], command_args(ticket, self._app.view))

    def _key(self, action: str) -> str:
        return self._app.settings.keymap.key_of(action)


def _name(ticket: Ticket) -> str:
    return "buy" if ticket.side is Side.BUY else "sell"
