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

    def on_resize(self, event: events.Resize) -> None:
        """Place every pane that fits. Textual calls the base's handler too."""
        places = arrange(event.size.width, event.size.height)
        for panel in self.query(Panel):
            if panel.id is None:
                continue
            place = places.get(panel.id)
            panel.display = place is not None
            if place is not None:
                panel.styles.offset = (place.x, place.y)
                panel.styles.width = place.width
                panel.styles.height = place.height
