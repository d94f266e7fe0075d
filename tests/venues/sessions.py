"""Sessions without a network: what they are told, and what they tell."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.market.feeds import profile_of
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing
from tests.venues.listener import Listener

NOW_NS = 1_779_271_200_000_000_000


def terms(symbol: str, tick="0.01", lot="0.00001") -> Instrument:
    return Instrument(Symbol(symbol), Decimal(tick), Decimal(lot))


class Told(Listener):
    """A session that is connected, and everything that it has told."""

    def __init__(
        self, venue: str, *instruments: Instrument, timing: Timing | None = None, is_recorded=False
    ) -> None:
        super().__init__()
        self.tally = Tally()
        self.now_s = 100.0
        make = profile_of(venue).make_session
        self.session = make(instruments, self.tally, timing or Timing(), is_recorded=is_recorded)
        self.keep(self.session.connected(self.now_s))
        self.greeting = self.sent()

    def keep(self, rows) -> None:
        for row in rows:
            self.put(row)

    def hear(self, *messages: object) -> None:
        """Receive messages; bytes as they are."""
        for message in messages:
            data = message if isinstance(message, bytes) else msgspec.json.encode(message)
            self.keep(self.session.receive(data, self.now_s, NOW_NS))

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.keep(self.session.tick(self.now_s, NOW_NS))

    def sent(self) -> list[dict]:
        return [msgspec.json.decode(frame) for frame in self.session.take_outbox()]

    @property
    def market(self):
        return self.session.markets[0]
