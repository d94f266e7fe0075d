"""What the kernel wants done, as requests of a session."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.enums import IntentKind
from core.domain.events import EventRow
from core.venues.wsx.session import WsxSession

_PLACE = IntentKind.PLACE.value
_CANCEL = IntentKind.CANCEL.value
_REPLACE = IntentKind.REPLACE.value
_EVERYTHING = IntentKind.CANCEL_EVERYTHING.value
_QUERY = IntentKind.QUERY.value


def encode_intents(session: WsxSession, wanted: Iterable[tuple[int, ...]]) -> list[EventRow]:
    """
    Put requests into a session's outbox.

    Args:
        session: Logged in.
        wanted: INTENT rows as plain numbers.

    Returns:
        Events that follow at once: a reconciliation begins when it is asked for.
    """
    rows: list[EventRow] = []
    for kind, instrument, order_id, side, price_ticks, lots, terms, _origin in wanted:
        if kind == _PLACE:
            session.place(instrument, order_id, side, price_ticks, lots, terms)
        elif kind == _CANCEL:
            session.cancel(instrument, order_id)
        elif kind == _REPLACE:
            session.replace(instrument, order_id, price_ticks, lots)
        elif kind == _QUERY:
            session.query(instrument, order_id)
        elif kind == _EVERYTHING:
            session.cancel_everything()
        else:
            rows += session.reconcile()
    return rows
