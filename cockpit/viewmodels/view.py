"""Everything a panel may look at, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cockpit.viewmodels.alert_list import AlertEntry
from cockpit.viewmodels.cells import Tone
from core.api.topics import Answer, Topic
from core.domain.enums import Mode, TradingState
from core.domain.snapshot import EngineSnapshot, InstrumentMeta, InstrumentView, Notice, RunMeta

STALE_AFTER_S = 1.5
"""A snapshot older than this is said to be old: a live engine sends several a second."""


class LinkState(StrEnum):
    """How the cockpit stands with the engine."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    ENDED = "ended"


class HeatMode(StrEnum):
    """What the signal heatmap shows."""

    CORRELATION = "correlation"
    VALUES = "values"
    PARTS = "parts"

    @property
    def following(self) -> HeatMode:
        """What the next press of the key shows."""
        modes = tuple(HeatMode)
        return modes[(modes.index(self) + 1) % len(modes)]


@dataclass(frozen=True, slots=True)
class LinkView:
    """The link now."""

    state: LinkState = LinkState.CONNECTING
    text: str = ""
    """What is going on, in one sentence; empty while all is well."""
    age_s: float = 0.0
    """Since the last snapshot came."""
    missed: int = 0
    """Notices forgotten by the engine before this viewer could read them."""
    is_slow: bool = False
    """Whether the line to the terminal is being spared: fewer pictures."""


@dataclass(frozen=True, slots=True)
class View:
    """What the cockpit knows when it draws."""

    meta: RunMeta | None = None
    snapshot: EngineSnapshot | None = None
    notices: tuple[Notice, ...] = ()
    """Oldest first."""
    link: LinkView = LinkView()
    source: str = ""
    """What commands of this cockpit are signed with."""
    selected: int = 0
    heat: HeatMode = HeatMode.CORRELATION
    focus: str = ""
    """Pane of the main screen that is chosen; empty for none."""
    is_zoomed: bool = False
    """Whether the chosen pane has the whole screen."""
    read_only: bool = False
    armed_s: float = 0.0
    """Until the trading keys lock themselves; 0 while they are locked."""
    alerts: tuple[AlertEntry, ...] = ()
    """What has been called for, newest first."""
    is_bright: bool = False
    """Whether an alarm is drawn loudly in this picture: it flashes."""
    pages: Mapping[Topic, Answer] = field(default_factory=dict)
    """What the engine answered last, by what was asked for."""
    page_trouble: str = ""
    """Why the page on the screen could not be brought up to date; empty if it could."""
    quick_key: str = ""
    """Parameter that is stepped from the main screen; empty while none is chosen."""
    message: str = ""
    """The last answer, shown until the next key."""
    message_tone: Tone = "text"

    @property
    def trading_state(self) -> TradingState | None:
        """The engine's switch, or None while nothing is known."""
        return self.snapshot.account.trading_state if self.snapshot else None

    @property
    def is_replay(self) -> bool:
        """Whether recorded time is shown."""
        return self.meta is not None and self.meta.mode is Mode.REPLAY

    @property
    def is_past(self) -> bool:
        """Whether this is a replay of a run, which nothing can change any more."""
        return self.meta is not None and self.meta.is_past

    @property
    def is_stale(self) -> bool:
        """Whether what is shown may no longer be true."""
        if self.snapshot is None:
            return False
        return self.link.state is not LinkState.LIVE or self.link.age_s > STALE_AFTER_S

    @property
    def instrument(self) -> InstrumentView | None:
        """The selected instrument."""
        if self.snapshot is None or not self.snapshot.instruments:
            return None
        return self.snapshot.instruments[min(self.selected, len(self.snapshot.instruments) - 1)]

    def parameter(self, key: str) -> float | None:
        """What a live parameter is set to; None where the engine has none of that key."""
        if self.meta is None or self.snapshot is None:
            return None
        pairs = zip(self.meta.parameters, self.snapshot.parameters, strict=False)
        return next((value for spec, value in pairs if spec.key == key), None)

    def describe(self, index: int) -> InstrumentMeta:
        """What does not change about an instrument; two decimals where nobody said."""
        if self.meta is not None and 0 <= index < len(self.meta.instruments):
            return self.meta.instruments[index]
        return InstrumentMeta("?", 0.01, 1.0, 2, 0, 0.01, 0.0)
