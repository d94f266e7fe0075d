"""
Every setting of the cockpit, with its bounds.

Nothing has a default here: `config/cockpit.toml` holds them all.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Protocol, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.keymap import Keymap, build_keymap
from cockpit.viewmodels.alert_rules import AlertRule, Level, parse_condition, parse_rule
from cockpit.viewmodels.panes import PANES, PaneOrder
from core.tables.section import Section

Choice = Literal["auto", "always", "never"]
PaneName = Literal["pnl", "obi", "book", "regime", "signals", "positions", "why", "trades"]
ThemeName = Literal[
    "dark", "light", "high-contrast", "colorblind", "ansi", "ansi-colorblind", "mono"
]


def _as_list(value: object) -> tuple[object, ...]:
    """Take one key without brackets, or several in them."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(value)
    raise PydanticCustomError("no_keys", 'write a key such as "k", or several: ["k", "f5"]')


def _readable(when: str) -> str:
    try:
        parse_condition(when)
    except ValueError as error:
        raise PydanticCustomError("unreadable", "{reason}", {"reason": str(error)}) from error
    return when


KeyList = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(max_length=8)]


class PaneSettings(Section):
    """Which pane stands where on the main screen."""

    order: tuple[PaneName, ...]
    """The pane of each slot, slot by slot; every pane once."""

    hidden: tuple[PaneName, ...]
    """Panes that are left out; their neighbors take the room."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        twice = [pane for pane in PANES if self.order.count(pane) > 1]
        missing = [pane for pane in PANES if pane not in self.order]
        if twice:
            raise ValueError(f"order names {twice[0]} twice; every pane stands in one slot")
        if missing:
            raise ValueError(
                f"order lacks {', '.join(missing)}; name all {len(PANES)}, and hide one with "
                f'hidden = ["{missing[0]}"]'
            )
        if set(self.hidden) == set(PANES):
            raise ValueError("hidden names every pane; leave at least one")
        return self


class TradingSettings(Section):
    """Trading by hand."""

    lock_after_s: Annotated[float, Field(ge=5, le=3600)]
    """Trading keys lock again after so many seconds without a key. Stopping keys never lock."""

    size_presets: Annotated[tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...],
                            Field(min_length=1, max_length=9)]  # fmt: skip
    """Sizes in lots that a ticket offers, smallest first."""

    confirm: bool
    """Whether a ticket that is sent is asked about once more."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if list(self.size_presets) != sorted(set(self.size_presets)):
            sizes = ", ".join(map(str, sorted(set(self.size_presets))))
            raise ValueError(f"size_presets must grow from left to right, for example [{sizes}]")
        return self


class AlertRuleSettings(Section):
    """One thing to be called for."""

    when: Annotated[str, AfterValidator(_readable), Field(max_length=120)]
    """An event, or a measure against a limit."""

    level: Level = "warning"
    """How loud."""

    bell: bool = False
    """Whether the terminal rings."""

    text: Annotated[str, Field(max_length=200)] = ""
    """What to do then, in your own words."""

    @property
    def rule(self) -> AlertRule:
        """The rule as view models know it."""
        return parse_rule(self.when, level=self.level, bell=self.bell, text=self.text)


class AlertSettings(Section):
    """What a trader wants to be called for."""

    rules: Annotated[tuple[AlertRuleSettings, ...], Field(max_length=200)]
    """All rules; a file that has some replaces those of the files before it."""


class CockpitSettings(Section):
    """Everything a person may choose about the cockpit."""

    theme: ThemeName
    """Colors. A terminal with sixteen colors or none gets the nearest it can show."""

    ascii: Choice
    """Whether frames, bars and marks are drawn in plain letters; auto asks the terminal."""

    reduced_motion: bool
    """No flashing, and at most two pictures a second unless a key was pressed."""

    fps: Annotated[float, Field(ge=0.5, le=30)]
    """Most pictures a second."""

    low_bandwidth: Choice
    """Whether pictures are spared on a slow line; auto goes by the measured round trip."""

    keys: dict[str, KeyList]
    """By action its keys, in place of the usual ones."""

    panes: PaneSettings
    trading: TradingSettings
    alerts: AlertSettings

    @model_validator(mode="after")
    def _keys_are_good(self) -> Self:
        build_keymap(self.keys)
        return self

    @cached_property
    def keymap(self) -> Keymap:
        """The usual keys with the person's own laid over them."""
        return build_keymap(self.keys)

    @cached_property
    def pane_order(self) -> PaneOrder:
        """Who stands where on the main screen."""
        return PaneOrder(self.panes.order, frozenset(self.panes.hidden))

    @cached_property
    def alert_rules(self) -> tuple[AlertRule, ...]:
        """What to watch."""
        return tuple(entry.rule for entry in self.alerts.rules)


class Personal(Protocol):
    """An app that somebody has settings for."""

    settings: CockpitSettings
