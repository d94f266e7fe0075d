"""Where what is entered by hand is closed again: a stop, a target, or both."""

from __future__ import annotations

from typing import NamedTuple

from core.domain.enums import Side
from core.domain.instrument import Instrument
from core.runtime.refusals import CommandRefused


class Exits(NamedTuple):
    """In ticks; 0 for none. The names are those of a command's arguments."""

    stop: int
    target: int

    @property
    def stop_ticks(self) -> int:
        """Where the position is closed at once."""
        return self.stop

    @property
    def target_ticks(self) -> int:
        """Where it is offered again."""
        return self.target

    def words(self, instrument: Instrument) -> str:
        """What there is of them, to end a sentence with."""
        named = zip(self._fields, self, strict=True)
        parts = (f", {name} {instrument.to_price(ticks):f}" for name, ticks in named if ticks)
        return "".join(parts)

    def check(
        self, instrument: Instrument, side: Side, price_ticks: int, bid_ticks: int, ask_ticks: int
    ) -> None:
        """
        See that both stand on their own sides of the entry and of the market.

        Args:
            instrument: For the words.
            side: Of the position.
            price_ticks: Of the entry.
            bid_ticks: Best of the market, as is `ask_ticks`.
            ask_ticks: See there.

        Raises:
            CommandRefused: If one does not; names the nearest that would do.
        """
        if side is Side.BUY:
            last_stop = min(price_ticks, bid_ticks) - 1
            first_target = min(price_ticks, ask_ticks) + 1
            below, above = "below", "above"
        else:
            last_stop = max(price_ticks, ask_ticks) + 1
            first_target = max(price_ticks, bid_ticks) - 1
            below, above = "above", "below"
        what = "bought" if side is Side.BUY else "sold"
        if self.stop and (last_stop - self.stop) * side < 0:
            raise CommandRefused(
                f"stop {instrument.to_price(self.stop):f} would close at once: for what is {what} "
                f"it stands {below} entry and market, {_at_most(instrument, last_stop)} now"
            )
        if self.target and (self.target - first_target) * side < 0:
            raise CommandRefused(
                f"target {instrument.to_price(self.target):f} is on the wrong side: for what is "
                f"{what} it stands {above} the entry, {_at_most(instrument, first_target)} now"
            )


def _at_most(instrument: Instrument, ticks: int) -> str:
    if ticks <= 0:
        return "and no price is left there"
    return f"nearest {instrument.to_price(ticks):f}"
