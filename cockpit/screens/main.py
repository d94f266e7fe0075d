"""The main screen: every pane, placed for the size of the terminal."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.keymap import Hint
from cockpit.screens.base import ViewScreen
from cockpit.settings.model import Personal
from cockpit.viewmodels.arrangement import Rect, arrange
from cockpit.viewmodels.panes import DEFAULT_ORDER, PANES, place
from cockpit.viewmodels.view import View
from cockpit.widgets.book import BookPanel
from cockpit.widgets.footer import FooterPanel
from cockpit.widgets.obi import ObiPanel
from cockpit.widgets.panel import Panel
from cockpit.widgets.pnl import PnlPanel
from cockpit.widgets.positions import PositionsPanel
from cockpit.widgets.regime import RegimePanel
from cockpit.widgets.signals import SignalsPanel
from cockpit.widgets.status import StatusPanel
from cockpit.widgets.trades import TradesPanel
from cockpit.widgets.why import WhyPanel


class MainScreen(ViewScreen):
    """All panes at once."""

    DEFAULT_CSS = "MainScreen > Panel { position: absolute; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.do('unzoom')", show=False)]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._zoomed = ""

    def compose(self) -> ComposeResult:
        """Make the panes; `on_resize` places them."""
        panes: list[Panel] = [
            StatusPanel(id="status"),
            PnlPanel(id="pnl"),
            ObiPanel(id="obi"),
            BookPanel(id="book"),
            RegimePanel(id="regime"),
            SignalsPanel(id="signals"),
            PositionsPanel(id="positions"),
            WhyPanel(id="why"),
            TradesPanel(id="trades"),
            FooterPanel(self._hints, id="footer"),
        ]
        for pane in panes:
            pane.display = False
            yield pane

    def show(self, view: View) -> None:
        """Place the panes anew if one was zoomed, then hand the view to them."""
        zoomed = view.focus if view.is_zoomed else ""
        if zoomed != self._zoomed:
            self._zoomed = zoomed
            self._place_panes(*self.size)
        super().show(view)

    def on_resize(self, event: events.Resize) -> None:
        """Place every pane that fits. Textual calls the base's handler too."""
        self._place_panes(event.size.width, event.size.height)

    def panes(self) -> list[str]:
        """Panes that can be chosen now, in the order in which one reads them."""
        places = self._places(*self.size)
        ids = [name for name in places if name in PANES]
        return sorted(ids, key=lambda name: (places[name].y, places[name].x))

    def _hints(self, view: View) -> list[Hint]:
        keymap = cast("Personal", self.app).settings.keymap
        return keymap.footer_hints(
            view.trading_state, is_replay=view.is_replay, is_past=view.is_past
        )

    def _places(self, columns: int, rows: int, zoomed: str = "") -> dict[str, Rect]:
        order = cast("Personal", self.app).settings.pane_order
        return place(arrange(columns, rows, zoomed), DEFAULT_ORDER if zoomed else order)

    def _place_panes(self, columns: int, rows: int) -> None:
        places = self._places(columns, rows, self._zoomed)
        for panel in self.query(Panel):
            if panel.id is None:
                continue
            rect = places.get(panel.id)
            panel.display = rect is not None
            if rect is not None:
                panel.styles.offset = (rect.x, rect.y)
                panel.styles.width = rect.width
                panel.styles.height = rect.height
