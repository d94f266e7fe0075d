"""The main screen: every pane, placed for the size of the terminal."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from cockpit.keymap import Hint, footer_hints
from cockpit.screens.base import ViewScreen
from cockpit.viewmodels.arrangement import arrange
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
from core.domain.enums import Mode


def _hints(view: View) -> list[Hint]:
    is_replay = view.meta is not None and view.meta.mode is Mode.REPLAY
    return footer_hints(view.trading_state, is_replay=is_replay)


class MainScreen(ViewScreen):
    """All panes at once."""

    DEFAULT_CSS = "MainScreen > Panel { position: absolute; }"

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
            FooterPanel(_hints, id="footer"),
        ]
        for pane in panes:
            pane.display = False
            yield pane

    def show(self, view: View) -> None:
        """Place the panes anew if one was zoomed, then hand the view to them."""
        zoomed = view.focus if view.is_zoomed else ""
        if zoomed != self._zoomed:
            self._zoomed = zoomed
            self._place(*self.size)
        super().show(view)

    def on_resize(self, event: events.Resize) -> None:
        """Place every pane that fits. Textual calls the base's handler too."""
        self._place(event.size.width, event.size.height)

    def panes(self) -> list[str]:
        """Panes that can be chosen now, in the order in which one reads them."""
        places = arrange(*self.size)
        ids = [name for name in places if name not in ("status", "footer")]
        return sorted(ids, key=lambda name: (places[name].y, places[name].x))

    def _place(self, columns: int, rows: int) -> None:
        places = arrange(columns, rows, self._zoomed)
        for panel in self.query(Panel):
            if panel.id is None:
                continue
            place = places.get(panel.id)
            panel.display = place is not None
            if place is not None:
                panel.styles.offset = (place.x, place.y)
                panel.styles.width = place.width
                panel.styles.height = place.height
