"""What `imc-cockpit kill` says: what was canceled, what is left, who was fenced, what is next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

EXIT_CLEAN = 0
EXIT_LEFT = 4


@dataclass(frozen=True, slots=True)
class Fenced:
    """The engine that the account was taken from."""

    run_id: str
    run_dir: str
    pid: int
    process: str
    """`running`, `stopped` or `gone`."""


@dataclass(frozen=True, slots=True)
class KillReport:
    """What a kill did, and what it could not do."""

    url: str
    canceled: list[str]
    """Client order ids; the venue's where there is none."""
    left: list[str]
    is_shown: bool
    """False: the venue did not say in time what is left."""
    positions: dict[str, Decimal]
    fenced: Fenced | None

    @property
    def exit_code(self) -> int:
        """0 if the venue shows no order, else 4."""
        return EXIT_CLEAN if self.is_shown and not self.left else EXIT_LEFT

    def as_json(self) -> dict[str, Any]:
        """The JSON contract."""
        return {
            "ok": self.exit_code == EXIT_CLEAN,
            "url": self.url,
            "canceled": self.canceled,
            "left": self.left,
            "verified": self.is_shown,
            "positions": {symbol: str(held) for symbol, held in self.positions.items()},
            "fenced": asdict(self.fenced) if self.fenced else None,
            "next": self.next_step,
        }

    def as_text(self) -> str:
        """The same for people."""
        return "\n".join(
            [
                f"{self.url}: {count_orders(len(self.canceled))} canceled, {self._what_is_left()}",
                self._what_is_held(),
                self._who_is_fenced(),
                f"next: {self.next_step}",
            ]
        )

    @property
    def next_step(self) -> str:
        """What to do now."""
        if self.exit_code != EXIT_CLEAN:
            return "run `imc-cockpit kill` again; if orders stay, cancel them at the venue itself"
        starts = (
            "the next engine starts HALTED, and `imc-cockpit send resume --word resume` re-arms it"
        )
        fenced = self.fenced
        if fenced is None or fenced.process == "gone":
            return starts
        stop = f"`imc-cockpit --run-dir {fenced.run_dir} stop`"
        if fenced.process == "stopped":
            return (
                f"let that engine go on with `kill -CONT {fenced.pid}` and end it with {stop}, "
                f"or end it with `kill -KILL {fenced.pid}`; {starts}"
            )
        return f"end that engine with {stop}; if it hangs, `kill -KILL {fenced.pid}`; {starts}"

    def _what_is_left(self) -> str:
        if not self.is_shown:
            return "the venue did not say in time what is left"
        if not self.left:
            return "none is left"
        return f"{count_orders(len(self.left))} LEFT: {', '.join(self.left)}"

    def _what_is_held(self) -> str:
        if not self.positions:
            return "no position is held" if self.is_shown else "positions are not known"
        held = ", ".join(f"{symbol} {lots:+f}" for symbol, lots in self.positions.items())
        return f"positions are not closed by kill: {held}"

    def _who_is_fenced(self) -> str:
        if self.fenced is None:
            return "no engine was known to trade this account"
        fenced = self.fenced
        return (
            f"fenced: run {fenced.run_id}, process {fenced.pid} ({fenced.process}), "
            f"run directory {fenced.run_dir}: it cannot place an order any more"
        )


def count_orders(count: int) -> str:
    """Say a number of orders in words."""
    return "1 order" if count == 1 else f"{count} orders"
