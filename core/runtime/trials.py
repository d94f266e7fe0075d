"""Parameters on trial: each goes back to what it was unless somebody says `keep` in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.domain.parameters import ParameterSpec
from core.domain.snapshot import TrialView
from core.runtime.engine import Engine
from core.runtime.live_parameters import Change, LiveParameters
from core.runtime.refusals import CommandRefused, nearest
from core.runtime.reporter import Reporter

SOURCE = "trial"
"""Who sets a parameter back, in the journal."""

SHORTEST_S, LONGEST_S = 1.0, 86_400.0
WARN_S = 5.0
"""So long before its end a trial is announced to end."""

_NS_PER_S = 1_000_000_000
_LOOK_EVERY_S = 0.25


@dataclass(slots=True)
class _Trial:
    spec: ParameterSpec
    value: float
    reverts_to: float
    ends_ns: int
    is_announced: bool = False
    refused_at: bytes = b""
    """All parameters as they were when going back was refused; empty while it was not."""


class Trials:
    """
    The trials that run. Their time is that of the engine's events.

    A run that ends takes its trials along: the next one starts from the settings.
    """

    MEMORY = ("_running",)
    """What changes while it watches."""

    def __init__(self, engine: Engine, reporter: Reporter, parameters: LiveParameters) -> None:
        self._engine = engine
        self._reporter = reporter
        self._parameters = parameters
        self._running: dict[str, _Trial] = {}

    async def run(self) -> None:
        """Look four times a second whether one is over. Never returns."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.check()

    def begin(self, spec: ParameterSpec, value: float, length_s: float, source: str) -> Change:
        """
        Set a parameter for a while.

        One that is on trial already keeps what it goes back to, and its time starts anew.

        Args:
            spec: The parameter.
            value: What it is set to.
            length_s: After so long it goes back.
            source: Who asks.

        Raises:
            CommandRefused: If the time or the value is not allowed; nothing has changed.
        """
        if not SHORTEST_S <= length_s <= LONGEST_S:
            raise CommandRefused(
                f"a trial of {length_s:g} s is outside {SHORTEST_S:g} to {LONGEST_S:g} s"
            )
        known = self._running.get(spec.key)
        reverts_to = known.reverts_to if known else self._parameters.value(spec)
        if value == reverts_to:
            raise CommandRefused(
                f"{spec.key} would go back to {value:.12g}, which is the value to try; "
                "set it without a time"
            )
        change = self._parameters.change(
            spec, value, source, {"revert_s": length_s, "reverts_to": reverts_to}
        )
        ends_ns = self._now_ns() + int(length_s * _NS_PER_S)
        # The start of a short one is warning enough.
        is_announced = length_s <= WARN_S
        self._running[spec.key] = _Trial(spec, value, reverts_to, ends_ns, is_announced)
        return change

    def settle(self, key: str) -> None:
        """End a trial because its parameter has been set for good."""
        self._running.pop(key, None)

    def keep(self, key: str, source: str) -> str:
        """
        Make one parameter on trial stay, or with no key all of them; say which.

        Raises:
            CommandRefused: If it is not on trial.
        """
        if not self._running:
            raise CommandRefused("no parameter is on trial")
        if key and key not in self._running:
            raise CommandRefused(f"{key} is not on trial{nearest(key, self._running)}")
        kept = [self._running.pop(name) for name in ([key] if key else list(self._running))]
        values = {trial.spec.key: trial.value for trial in kept}
        self._engine.note({"command": "keep", "source": source, "kept": values})
        return "kept: " + ", ".join(f"{name} {value:.12g}" for name, value in values.items())

    def check(self) -> None:
        """Announce the trials that are about to end, and set back those that are over."""
        now_ns = self._now_ns()
        for trial in list(self._running.values()):
            left_ns = trial.ends_ns - now_ns
            if left_ns <= 0:
                self._set_back(trial)
            elif left_ns <= WARN_S * _NS_PER_S and not trial.is_announced:
                trial.is_announced = True
                self._say(
                    "warning",
                    f"{trial.spec.key} goes back to {trial.reverts_to:.12g} in "
                    f"{left_ns / _NS_PER_S:.0f} s; keep makes it stay",
                )

    def views(self) -> tuple[TrialView, ...]:
        """What runs, as observers see it."""
        now_ns = self._now_ns()
        return tuple(
            TrialView(
                trial.spec.key,
                trial.value,
                trial.reverts_to,
                max(0.0, (trial.ends_ns - now_ns) / _NS_PER_S),
            )
            for trial in self._running.values()
        )

    def _set_back(self, trial: _Trial) -> None:
        """A rule between parameters may forbid it: then it waits for one of them to change."""
        fingerprint = self._parameters.fingerprint()
        if trial.refused_at == fingerprint:
            return
        try:
            change = self._parameters.change(trial.spec, trial.reverts_to, SOURCE, {})
        except CommandRefused as refusal:
            if not trial.refused_at:
                self._say(
                    "alarm",
                    f"{trial.spec.key} cannot go back to {trial.reverts_to:.12g}: {refusal}; "
                    "change the other parameter, or set or keep this one",
                )
            trial.refused_at = fingerprint
            return
        del self._running[trial.spec.key]
        self._say("warning", f"trial over: {change}")

    def _say(self, severity: str, text: str) -> None:
        self._reporter.say("command", severity, text)

    def _now_ns(self) -> int:
        return int(self._engine.state.account["ts_ns"][0])
