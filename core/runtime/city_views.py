"""City data as screens show them."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

from core.api.topics import Settlement, Settling, Told
from core.domain.snapshot import FeedView
from core.events.model import ProductSettings
from core.events.pricer import FairValue
from core.events.profile import Event, Series
from core.feeds.health import FeedState, SourceHealth
from core.feeds.port import Observation, Quality, Topic
from core.feeds.sources import ATTRIBUTIONS

_DOUBTS = {Quality.SUSPECT: "the same for hours"}


def feed_view(health: SourceHealth) -> FeedView:
    """Show one topic, with what is wrong with it unless all is well."""
    is_well = health.state is FeedState.LIVE and health.is_preferred
    shared = f", {100 * health.hit_rate:.0f} % shared" if health.hit_rate else ""
    return FeedView(
        name=Topic(health.topic).value.replace("_", " "),
        age_s=nan if health.age_s is None else health.age_s,
        state=str(health.state),
        source=health.source + shared,
        note="" if is_well else health.last_error,
        credit=ATTRIBUTIONS.get(health.source, ""),
    )


def settlement_page(
    event: Event,
    values: Mapping[str, FairValue],
    newest: Mapping[str, Observation],
    *,
    now_ns: int,
    is_simulated: bool,
    trouble: str,
) -> Settlement:
    """
    Make the page of an event.

    Args:
        event: What is settled.
        values: By product.
        newest: By series.
        now_ns: The city's time.
        is_simulated: Whether the city does not exist.
        trouble: Sentence on what is missing; empty where nothing is.
    """
    return Settlement(
        event=event.name,
        title=event.title,
        start_ts_ns=event.start_ts_ns,
        end_ts_ns=event.end_ts_ns,
        as_of_ts_ns=now_ns,
        is_simulated=is_simulated,
        products=tuple(_settling(entry, values.get(entry.symbol)) for entry in event.products),
        series=tuple(_told(series, newest.get(series.name)) for series in event.series),
        trouble=trouble,
    )


def _settling(product: ProductSettings, value: FairValue | None) -> Settling:
    if value is None:
        return Settling(product.symbol, None, None, None, None, None, product.certainty)
    return Settling(
        symbol=product.symbol,
        known=value.known,
        expected=value.expected,
        low=value.low,
        high=value.high,
        deviation=value.deviation,
        certainty=product.certainty,
    )


def _told(series: Series, newest: Observation | None) -> Told:
    unit = series.settings.unit
    if newest is None:
        return Told(series.name, unit, None, 0, "", "")
    return Told(
        name=series.name,
        unit=unit,
        value=series.unit.of(newest.value),
        valid_ts_ns=newest.valid_ts_ns,
        source=newest.source,
        note=_DOUBTS.get(newest.quality, ""),
    )
