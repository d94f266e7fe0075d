"""Where an engine trades: markets that were found, leased, and are left in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.assembly.account import account_lease
from core.assembly.venue import find_address, make_venue
from core.domain.ids import RunId
from core.exchange.process import ExchangeAddress, PracticeExchange
from core.runtime.lease import Lease
from core.runtime.recovery import LastRun
from core.settings.markets import Market
from core.venues.port import Venue
from core.venues.several.venue import SeveralVenues


@dataclass(frozen=True, slots=True)
class Place:
    """A market that was found, and our right to trade there."""

    market: Market
    address: ExchangeAddress
    lease: Lease


class Places:
    """
    The markets of a run: found, leased, and left in order.

    Args:
        markets: From `markets_of`.
        run_dir: Where an exchange that is started has its place.
    """

    def __init__(self, markets: Sequence[Market], run_dir: Path) -> None:
        self._run_dir = run_dir
        self._exchanges = [
            (market, PracticeExchange(run_dir, market.settings)) for market in markets
        ]
        self._places: list[Place] = []

    def begin(self) -> None:
        """Start what has to be started, so that it comes up beside the engine."""
        for _, exchange in self._exchanges:
            exchange.begin()

    async def take(self, run_id: RunId) -> None:
        """
        Find every venue and take every account.

        Raises:
            FatalError: If one cannot be had; none is kept then.
        """
        try:
            for market, exchange in self._exchanges:
                venue = market.settings.venue
                address = await find_address(venue, exchange)
                account = account_lease(venue, address.url, self._run_dir)
                lease = account.acquire(run_id, self._run_dir)
                self._places.append(Place(market, address, lease))
        except BaseException:
            self._release()
            raise

    async def leave(self, *, in_order: bool) -> None:
        """Give the accounts back; after an orderly end stop what was started here, too."""
        over: list[Lease] = []
        try:
            for place, (_, exchange) in zip(self._places, self._exchanges, strict=True):
                if place.address.is_ours and in_order:
                    await exchange.stop()
                    over.append(place.lease)
        finally:
            self._release(over)

    async def abandon(self) -> None:
        """End exchanges that were started for a run that did not come about."""
        for _, exchange in self._exchanges:
            await exchange.abandon()

    def is_held(self) -> bool:
        """Whether every account is still ours."""
        return all(place.lease.is_held() for place in self._places)

    @property
    def url(self) -> str:
        """Where the venues answer, one after another."""
        return " ".join(place.address.url for place in self._places)

    @property
    def session(self) -> str:
        """Names the lives of the accounts; empty if one of them has no past."""
        sessions = [place.address.session for place in self._places]
        return " ".join(sessions) if all(sessions) else ""

    @property
    def tokens(self) -> list[int]:
        """Fencing tokens, one a venue."""
        return [place.lease.token for place in self._places]

    def venue(self, run_id: RunId, last: LastRun | None) -> Venue:
        """
        Make the adapter, or one that is made of several.

        Args:
            run_id: Marks the orders of this run.
            last: What the run before this one left at the same accounts; None without one.
        """
        venues = [self._make(number, run_id, last) for number in range(len(self._places))]
        if len(venues) == 1:
            return venues[0]
        instruments = [place.market.instruments for place in self._places]
        return SeveralVenues(list(zip(venues, instruments, strict=True)))

    def _make(self, number: int, run_id: RunId, last: LastRun | None) -> Venue:
        place = self._places[number]
        return make_venue(
            place.market.settings.venue,
            place.address,
            run_id,
            place.market.instruments,
            executions_after=last.last_trade_ids[number] if last else None,
            positions=self._positions(number, last),
            lease=place.lease.token,
        )

    def _positions(self, number: int, last: LastRun | None) -> Sequence[int]:
        if last is None:
            return ()
        first = sum(len(place.market.instruments) for place in self._places[:number])
        return last.positions[first : first + len(self._places[number].market.instruments)]

    def _release(self, over: Sequence[Lease] = ()) -> None:
        for place in self._places:
            place.lease.release(forget=place.lease in over)
        self._places.clear()
