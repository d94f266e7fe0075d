"""Gives local times their moment, also in the hour of autumn that comes twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.feeds.common.wire import S_IN_NS


class OutOfOrder(ValueError):
    """Local times that go back and forth: nobody can tell which of two hours they mean."""

    def __init__(self, local: datetime) -> None:
        self.local = local
        super().__init__(f"{local:%d.%m.%Y %H:%M} stands out of order")


def resolve(times: Sequence[datetime], zone: ZoneInfo, not_after_ns: int) -> list[int | None]:
    """
    Find the moments that local times mean, by their order.

    From the latest back, each is the latest that is before the one that follows it. So of
    times of the hour that comes twice, the later run is taken for the second one, and for the
    first one only if the second has not begun by `not_after_ns`.

    Args:
        times: Without an offset; rising or falling, repeated ones standing together.
        zone: Of the clock that they were read from.
        not_after_ns: When they were known, UTC.

    Returns:
        Shape of `times`: ns since 1970; None for times that the clock jumped over in spring.

    Raises:
        OutOfOrder: If they neither rise nor fall.
    """
    is_rising = len(times) > 1 and times[0] < times[-1]
    found: list[int | None] = []
    following_ns = not_after_ns + 1
    before: datetime | None = None
    for local in reversed(times) if is_rising else times:
        if local == before:
            found.append(found[-1])
            continue
        moment_ns = _latest(local, zone, following_ns)
        if moment_ns is None and _exists(local, zone):
            if before is not None:
                raise OutOfOrder(local)
            # The first may be ahead of a clock that is slow; whoever reads it will say so.
            moment_ns = _moment_ns(local.replace(fold=0), zone)
        found.append(moment_ns)
        if moment_ns is not None:
            following_ns = moment_ns
            before = local
    return found[::-1] if is_rising else found


def _latest(local: datetime, zone: ZoneInfo, before_ns: int) -> int | None:
    if not _exists(local, zone):
        return None
    for fold in (1, 0):
        moment_ns = _moment_ns(local.replace(fold=fold), zone)
        if moment_ns < before_ns:
            return moment_ns
    return None


def _moment_ns(local: datetime, zone: ZoneInfo) -> int:
    return int(local.replace(tzinfo=zone).timestamp()) * S_IN_NS


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    aware = local.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(fold=0)
