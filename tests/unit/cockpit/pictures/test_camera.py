"""A cockpit that nobody sees shows what is asked for, and says why if it cannot."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from cockpit.app import CockpitApp
from cockpit.pictures import camera
from cockpit.pictures.camera import check_page, page_names, take_picture
from cockpit.pictures.picture import PictureKind
from core.domain.errors import ConfigurationError, EngineUnavailable
from tests.unit.cockpit.fake_engine import (
    FakeEngine,
    live_engine,
    make_meta,
    make_snapshot,
    make_telemetry,
)


@pytest.fixture
def impatient(monkeypatch) -> None:
    """What never comes is not waited for."""
    monkeypatch.setattr(camera, "PATIENCE_S", 0.2)


def cockpit(engine: FakeEngine) -> CockpitApp:
    return CockpitApp(lambda: engine, read_only=True)


async def shot(engine: FakeEngine, **wanted) -> str:
    picture = await take_picture(cockpit(engine), (160, 48), **wanted)
    assert (picture.width, len(picture.rows)) == (160, 48)
    assert all(sum(segment.cell_length for segment in row) == 160 for row in picture.rows)
    return picture.text()


async def test_the_main_screen_is_caught_with_its_numbers() -> None:
    text = await shot(live_engine())
    assert "99,743.63" in text
    assert "Trades, and why not" in text


async def test_the_instrument_that_is_asked_for_is_looked_at() -> None:
    assert "Regime  7_ETF" in await shot(live_engine(), symbol="7_ETF")
    assert "Regime  1_Eisbach" in await shot(live_engine())


@pytest.mark.parametrize("page", [name for name in page_names() if name != "main"])
async def test_every_page_can_be_caught_and_is_not_the_main_screen(page: str) -> None:
    text = await shot(live_engine(), page=page)
    assert "Trades, and why not" not in text
    assert "asking the engine" not in text


@pytest.mark.parametrize("size", [(20, 5), (400, 120)])
@pytest.mark.parametrize("kind", list(PictureKind))
async def test_the_smallest_and_the_largest_screen_become_files(size, kind) -> None:
    picture = await take_picture(cockpit(live_engine()), size)
    assert picture.encode(kind)
    assert all(sum(segment.cell_length for segment in row) == size[0] for row in picture.rows)


async def test_a_name_of_wide_letters_and_markup_is_drawn_as_it_is() -> None:
    """Every letter takes the cells that a terminal gives it, and none is taken for XML."""
    name = "漢字🚀<b>&"
    meta, snapshot = make_meta(), make_snapshot()
    metas = (replace(meta.instruments[0], symbol=name), *meta.instruments[1:])
    views = (replace(snapshot.instruments[0], symbol=name), *snapshot.instruments[1:])
    engine = FakeEngine(replace(snapshot, instruments=views), meta=replace(meta, instruments=metas))
    picture = await take_picture(cockpit(engine), (160, 48), symbol=name)
    assert name in picture.text()
    ET.fromstring(picture.svg())
    assert picture.encode(PictureKind.PNG).startswith(b"\x89PNG")


async def test_no_command_is_sent() -> None:
    engine = live_engine()
    await shot(engine)
    assert engine.commands == []
    assert engine.closed


BUSY = make_snapshot(telemetry=make_telemetry(note="compiling the kernel"))


async def test_an_engine_that_starts_is_waited_for() -> None:
    assert "compiling" not in await shot(FakeEngine(BUSY, make_snapshot()))


async def test_an_engine_that_goes_on_starting_is_shown_as_it_is(monkeypatch) -> None:
    """Better a picture of an engine that compiles than none."""
    monkeypatch.setattr(camera, "_READY_S", 0.0)
    assert "compiling" in await shot(FakeEngine(BUSY))


async def test_an_unknown_instrument_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="no instrument 'GOLD'; it has 1_Eisbach, "):
        await shot(live_engine(), symbol="GOLD")


@pytest.mark.parametrize(
    ("name", "hint"), [("statistic", "; did you mean statistics?"), ("xyzzy", "'; allowed: main")]
)
def test_an_unknown_page_is_refused_with_the_nearest_one(name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=f"there is no page '{name}{hint[:1]}?.*allowed"):
        check_page(name)


@pytest.mark.usefixtures("impatient")
async def test_an_engine_that_says_nothing_is_given_up() -> None:
    with pytest.raises(EngineUnavailable, match="no snapshot within"):
        await shot(FakeEngine())


@pytest.mark.usefixtures("impatient")
async def test_an_engine_that_is_not_there_is_said() -> None:
    with pytest.raises(EngineUnavailable, match="no engine answers here"):
        await shot(FakeEngine(refuse="no engine answers here"))
