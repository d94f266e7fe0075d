"""City data in the engine: what the kernel hears, what products are worth, what screens show."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from decimal import Decimal

import pytest

from core.domain import events
from core.domain.enums import Channel, EventKind
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.events.loader import load_event
from core.events.pricer import Pricer
from core.feeds.health import FeedState, SourceHealth
from core.feeds.port import Observation, Quality, Quantity, Reading, Topic
from core.runtime import valuation
from core.runtime.city import City
from core.runtime.valuation import Market, Valuation

EVENT = load_event("munich-2025")
START_NS = EVENT.start_ts_ns
MINUTE_NS = 60 * 10**9
INSTRUMENTS = (
    Instrument(Symbol("7_ETF"), Decimal("0.1")),
    Instrument(Symbol("BTCUSDT"), Decimal("0.01")),
    Instrument(Symbol("1_Eisbach"), Decimal(1)),
    Instrument(Symbol("SALAD"), Decimal("0.5")),
)
HEALTH = SourceHealth(
    Topic.RIVER, "gkd", FeedState.STALE, 812.0, "hnd: timed out", 0.9, 7, 70, 30.0
)


class Feeds:
    """Told by hand."""

    is_simulated = False
    cache_trouble = ""
    now_ns = START_NS + 40 * MINUTE_NS

    @staticmethod
    def ours_ns(ts_ns):
        return ts_ns // 2

    def __init__(self):
        self.closed = asyncio.Event()

    async def run(self, on_reading):
        self.on_reading = on_reading
        await self.closed.wait()

    def health(self):
        return (
            replace(HEALTH, topic=Topic.AIR_QUALITY, state=FeedState.LIVE, last_error=""),
            HEALTH,
        )

    async def close(self):
        self.closed.set()


class Kernel:
    def __init__(self):
        self.rows = []
        self.news = asyncio.Event()
        self.told_times = 0
        self.is_broken = False

    def tell(self, rows):
        if self.is_broken:
            raise RuntimeError("out of order")
        self.rows.extend(bytes(row) for row in rows)
        self.told_times += 1
        self.news.set()

    def told(self, channel):
        rows = events.load(self.rows) if self.rows else []
        return [
            row for row in rows if row["kind"] == EventKind.OBSERVATION and row["code"] == channel
        ]

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                self.news.clear()
                await self.news.wait()


def observation(quantity, value, minutes=15, *, place="munich", quality=Quality.MEASURED):
    valid_ns = START_NS + minutes * MINUTE_NS
    return Observation(quantity, value, valid_ns, valid_ns + 3, "hand", place, quality)


def river(level_cm, flow_m3_s, minutes=15):
    return Reading(
        (
            observation(Quantity.LEVEL_CM, level_cm, minutes, place="16515005"),
            observation(Quantity.FLOW_M3_S, flow_m3_s, minutes, place="16515005"),
        )
    )


@contextlib.asynccontextmanager
async def running(pricer=None, mids=dict):
    feeds, kernel = Feeds(), Kernel()
    valuation = None
    if pricer is not None:
        valuation = Valuation(pricer, feeds, Market(INSTRUMENTS, mids, kernel.tell))
    city = City(feeds, valuation, kernel.tell, ("munich-2025", "london-2026"))
    task = asyncio.ensure_future(city.run())
    await asyncio.sleep(0)
    yield city, kernel, task
    await city.close()
    with contextlib.suppress(asyncio.CancelledError, RuntimeError):
        await asyncio.wait_for(task, 10)


async def test_the_kernel_hears_each_channel_with_the_time_it_was_true() -> None:
    async with running() as (city, kernel, _):
        city.take(
            Reading(
                (
                    observation(Quantity.TEMPERATURE_C, 3.5, 30),
                    observation(Quantity.TEMPERATURE_C, 3.25, 15),
                    observation(Quantity.AIRCRAFT, 41.0),
                    observation(Quantity.PM10_UG_M3, 17.0),
                )
            )
        )
        weather = kernel.told(Channel.WEATHER)
        assert [float(row["value"]) for row in weather] == [3.25, 3.5]
        assert weather[1]["exch_ts_ns"] == START_NS + 30 * MINUTE_NS
        assert [float(row["value"]) for row in kernel.told(Channel.FLIGHTS)] == [41.0]
        assert kernel.told(Channel.AIR_QUALITY) == []
        assert kernel.told_times == 1


async def test_two_scales_of_the_air_never_make_one_series() -> None:
    async with running() as (city, kernel, _):
        for quantity, value in (
            (Quantity.US_AQI, 61.0), (Quantity.EAQI, 34.0), (Quantity.US_AQI, 63.0),
        ):  # fmt: skip
            city.take(Reading((observation(quantity, value),)))
        assert [float(row["value"]) for row in kernel.told(Channel.AIR_QUALITY)] == [61.0, 63.0]


async def test_a_sensor_that_is_stuck_is_not_believed() -> None:
    async with running() as (city, kernel, _):
        city.take(Reading((observation(Quantity.TEMPERATURE_C, 3.5, quality=Quality.SUSPECT),)))
        assert kernel.rows == []


async def test_what_a_product_is_worth_is_told_to_the_instrument_of_that_name_in_ticks() -> None:
    pricer = Pricer(EVENT, draws=200)
    async with running(pricer) as (city, kernel, _):
        city.take(river(141.0, 24.0))
        await kernel.until(lambda: kernel.told(Channel.FAIR_VALUE))
        (row,) = kernel.told(Channel.FAIR_VALUE)
        (value,) = [value for value in pricer.values() if value.symbol == "1_Eisbach"]
        assert row["instrument"] == 2
        assert row["value"] == pytest.approx(value.expected)
        assert value.expected == pytest.approx(141 * 24, rel=0.1)
        assert row["fee_nanos"] / 1e9 == pytest.approx(value.deviation, rel=1e-6)


async def test_a_fair_value_is_as_old_as_the_oldest_news_it_rests_on_by_our_clock() -> None:
    async with running(Pricer(EVENT, draws=200)) as (city, kernel, _):
        level = observation(Quantity.LEVEL_CM, 141.0, 15, place="16515005")
        city.take(Reading((level,)))
        city.take(Reading((observation(Quantity.FLOW_M3_S, 24.0, 30, place="16515005"),)))
        await kernel.until(lambda: kernel.told(Channel.FAIR_VALUE))
        (row,) = kernel.told(Channel.FAIR_VALUE)
        assert row["exch_ts_ns"] == level.fetched_ts_ns // 2


async def test_a_basket_is_worth_what_the_market_pays_for_its_parts(monkeypatch) -> None:
    monkeypatch.setattr(valuation, "LOOK_EVERY_S", 0.001)
    mids = {"CHICKEN": 41.0, "LETTUCE": 7.5}
    async with running(Pricer(load_event("launchpad-burger"), draws=2), lambda: mids) as started:
        city, kernel, _ = started
        await kernel.until(lambda: kernel.told(Channel.FAIR_VALUE))
        (salad,) = kernel.told(Channel.FAIR_VALUE)
        assert (salad["instrument"], salad["value"]) == (3, (41.0 + 7.5) / 0.5)
        assert "BREAD" in city.settlement().trouble
        mids["BREAD"] = 3.0
        async with asyncio.timeout(20):
            while city.settlement().trouble:
                await asyncio.sleep(0.001)
        (burger,) = [row for row in city.settlement().products if row.symbol == "BURGER"]
        assert burger.expected == 51.5


async def test_a_value_that_nothing_has_changed_is_not_told_again() -> None:
    async with running(Pricer(EVENT, draws=200)) as (city, kernel, _):
        city.take(river(141.0, 24.0))
        await kernel.until(lambda: kernel.told(Channel.FAIR_VALUE))
        city.take(Reading((observation(Quantity.HUMIDITY_PCT, 80.0, 30),)))
        city.take(river(143.0, 24.5, 30))
        await kernel.until(lambda: len(kernel.told(Channel.FAIR_VALUE)) == 2)
        assert {int(row["instrument"]) for row in kernel.told(Channel.FAIR_VALUE)} == {2}


async def test_the_page_tells_products_series_and_what_is_missing() -> None:
    async with running(Pricer(EVENT, draws=200)) as (city, kernel, _):
        city.take(river(141.0, 24.0))
        await kernel.until(lambda: kernel.told(Channel.FAIR_VALUE))
        page = city.settlement()
        products = {row.symbol: row for row in page.products}
        assert (page.event, page.end_ts_ns) == ("munich-2025", EVENT.end_ts_ns)
        assert products["1_Eisbach"].low < products["1_Eisbach"].expected
        assert products["7_ETF"].expected is None
        series = {row.name: row for row in page.series}
        assert (series["level"].value, series["level"].source) == (141.0, "hand")
        assert series["temperature"].value is None
        assert "is known yet of" in page.trouble


async def test_a_series_is_told_in_its_own_unit() -> None:
    async with running(Pricer(EVENT, draws=200)) as (city, _, _):
        city.take(Reading((observation(Quantity.TEMPERATURE_C, 5.0, 30),)))
        series = {row.name: row for row in city.settlement().series}
        assert (series["temperature"].value, series["temperature"].unit) == (41.0, "F")


async def test_without_an_event_the_page_says_which_there_are() -> None:
    async with running() as (city, _, _):
        assert city.settlement().trouble.endswith("known: munich-2025, london-2026")


async def test_screens_see_who_serves_a_topic_and_what_is_wrong() -> None:
    async with running() as (city, _, _):
        air, water = city.feeds()
        assert (air.name, air.state, air.note) == ("air quality", "LIVE", "")
        assert (water.name, water.source, water.state) == ("river", "gkd, 90 % shared", "STALE")
        assert water.note == "hnd: timed out"
        assert water.age_s == 812.0


async def test_a_cache_in_trouble_is_shown_beside_the_feeds() -> None:
    async with running() as (city, _, _):
        city._feeds.cache_trouble = "127.0.0.1:6379: nobody listens there"
        *_, cache = city.feeds()
        assert (cache.name, cache.note) == ("feed cache", "127.0.0.1:6379: nobody listens there")


async def test_an_engine_that_breaks_ends_it() -> None:
    async with running(Pricer(EVENT, draws=200)) as (city, kernel, task):
        kernel.is_broken = True
        city.take(river(141.0, 24.0))
        with pytest.raises(RuntimeError, match="out of order"):
            await asyncio.wait_for(task, 20)
