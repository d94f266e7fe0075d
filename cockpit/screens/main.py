"""The main screen: every pane, placed for the size of the terminal."""

from __future__ import annotations

from typing import cast

from textual import events
from textual.app import ComposeResult

from cockpit.keymap import Hint
from cockpit.screens.base import ViewScreen
from cockpit.settings.model import Personal
from cockpit.viewmodels.arrangement import arrange
from cockpit.viewmodels.panes import place
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
            FooterPanel(self._hints, id="footer"),
        ]
        for pane in panes:
            pane.display = False
            yield pane

    def _hints(self, view: View) -> list[Hint]:
        keymap = cast("Personal", self.app).settings.keymap
        is_replay = view.meta is not None and view.meta.mode is Mode.REPLAY
        return keymap.footer_hints(view.trading_state, is_replay=is_replay)

    def on_resize(self, event: events.Resize) -> None:
        """Place every pane that fits. Textual calls the base's handler too."""
        slots = arrange(event.size.width, event.size.height)
        places = place(slots, cast("Personal", self.app).settings.pane_order)
        for panel in self.query(Panel):
            if panel.id is None:
                continue
            rect = places.get(panel.id)
            panel.display = rect is not None
            if rect is not None:
                panel.styles.offset = (rect.x, rect.y)
                panel.styles.width = rect.width
                panel.styles.height = rect.height
