"""Takes a picture of the cockpit on a running engine, without a terminal."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

from cockpit.app import CockpitApp
from cockpit.navigator import SCREENS
from cockpit.pictures.picture import Picture
from cockpit.screens.base import PageScreen, ViewScreen
from cockpit.screens.reading import PAGES
from cockpit.viewmodels.view import LinkState
from cockpit.widgets.panel import Panel
from core.domain.errors import ConfigurationError, EngineUnavailable

if TYPE_CHECKING:
    from textual.pilot import Pilot

MAIN = "main"
PATIENCE_S = 10.0
"""For a first snapshot, and for a page that has to be asked for."""
_HISTORY_S = 1.0
"""Longest wait for the history of an engine in which little happens."""
_NEWS_NS = 500_000_000
_READY_S = 3.0
"""An engine that is still busy with its start gets so long; then it is shown as it is."""
_LOOK_EVERY_S = 0.02


def page_names() -> list[str]:
    """Pages that a picture can be of."""
    return [MAIN, *sorted({*SCREENS, *PAGES})]


def check_page(name: str) -> None:
    """
    Refuse a page that does not exist.

    Raises:
        ConfigurationError: Names the nearest one, and all.
    """
    names = page_names()
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise ConfigurationError(f"there is no page {name!r}{hint}; allowed: {', '.join(names)}")


async def take_picture(
    app: CockpitApp, size: tuple[int, int], page: str = MAIN, symbol: str | None = None
) -> Picture:
    """
    Run a cockpit that nobody sees until it shows what is wanted, and catch it.

    Args:
        app: Not running yet; over when this returns.
        size: Columns and rows.
        page: One of `page_names()`.
        symbol: Of the instrument to look at; None for the first one.

    Raises:
        ConfigurationError: If there is no such page or instrument.
        EngineUnavailable: If no snapshot or page comes.
    """
    check_page(page)
    photographer = _Photographer(app, page, symbol)
    await app.run_async(headless=True, mouse=False, size=size, auto_pilot=photographer.work)
    if photographer.trouble is not None:
        raise photographer.trouble
    if photographer.picture is None:
        raise EngineUnavailable("the cockpit ended before it showed anything; try again")
    return photographer.picture


class _Photographer:
    """Waits, goes to the page, waits for its content, and releases the shutter."""

    def __init__(self, app: CockpitApp, page: str, symbol: str | None) -> None:
        self.picture: Picture | None = None
        self.trouble: ConfigurationError | EngineUnavailable | None = None
        self._app = app
        self._page = page
        self._symbol = symbol

    async def work(self, pilot: Pilot[object]) -> None:
        try:
            await self._wait_for_snapshot()
            await _until(self._has_caught_up, _HISTORY_S)
            self._app.draw()
            if self._symbol is not None:
                self._app.navigator.select(self._index_of(self._symbol))
            if self._page != MAIN:
                self._app.navigator.go(self._page)
            await self._wait_for_page()
            await self._catch(pilot)
        except (ConfigurationError, EngineUnavailable) as error:
            self.trouble = error
        finally:
            self._app.exit()

    async def _wait_for_snapshot(self) -> None:
        link = self._app.link
        if not await _until(lambda: link.snapshot is not None, PATIENCE_S):
            reason = link.status.text or "it is silent"
            raise EngineUnavailable(f"no snapshot within {PATIENCE_S:g} s: {reason}")
        await _until(lambda: link.snapshot is None or not link.snapshot.telemetry.note, _READY_S)

    def _has_caught_up(self) -> bool:
        """Whether the newest thing that happened is there: the history comes in parts."""
        link = self._app.link
        if link.snapshot is None or not link.notices:
            return False
        return link.snapshot.ts_ns - link.notices[-1].ts_ns < _NEWS_NS

    async def _wait_for_page(self) -> None:
        app = self._app
        topic = app.screen.topic if isinstance(app.screen, PageScreen) else None
        if topic is None:
            return
        if not await _until(lambda: topic in app.view.pages, PATIENCE_S):
            reason = app.view.page_trouble or "it is silent"
            raise EngineUnavailable(
                f"the engine did not give the page {self._page} within {PATIENCE_S:g} s: {reason}"
            )

    async def _catch(self, pilot: Pilot[object]) -> None:
        app = self._app
        if app.link.status.state is not LinkState.LIVE:
            raise EngineUnavailable(f"the engine is gone: {app.link.status.text}")
        app.draw()
        for panel in app.screen.query(Panel):
            # Some take their time between two pictures; here there is only one.
            panel.redraw()
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ViewScreen)
        self.picture = Picture(app.title, screen.size.width, screen.rows())

    def _index_of(self, symbol: str) -> int:
        snapshot = self._app.link.snapshot
        symbols = [row.symbol for row in snapshot.instruments] if snapshot else []
        if symbol not in symbols:
            raise ConfigurationError(
                f"the engine has no instrument {symbol!r}; it has {', '.join(symbols)}"
            )
        return symbols.index(symbol)


async def _until(condition: Callable[[], bool], patience_s: float) -> bool:
    """Wait for something; False if it does not happen in time."""
    try:
        async with asyncio.timeout(patience_s):
            while not condition():
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError:
        return False
    return True
