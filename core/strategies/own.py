"""All that a run has of the user's own: a signal, a target, a strategy, or several of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.domain.enums import OwnStrategy
from core.domain.errors import ConfigurationError
from core.strategies.plugins import LoadedSignal, load_signal, load_target


class OwnNames(NamedTuple):
    """Names as the settings give them; empty for none."""

    mine: str = ""
    """`signals.mine`."""
    target: str = ""
    """`strategy.target`."""
    python: str = ""
    """`strategy.python`."""

    def __str__(self) -> str:
        """One line for the beginning of a journal; a signal alone is named as it is."""
        if not (self.target or self.python):
            return self.mine
        named = zip(self._fields, self, strict=True)
        return " ".join(f"{field}={name}" for field, name in named if name)

    @classmethod
    def parse(cls, text: str) -> OwnNames:
        """Read what `str` has written."""
        rest, _, python = text.partition("python=")
        if not python and "target=" not in text:
            return cls(text)
        fields = dict(part.split("=", 1) for part in rest.split())
        return cls(fields.get("mine", ""), fields.get("target", ""), python)


def refuse_python(own: LoadedSignal | None, where: str) -> None:
    """
    Refuse a Python strategy where nobody would call it, rather than trade nothing.

    Raises:
        ConfigurationError: If there is one.
    """
    if own is not None and own.strategy is not OwnStrategy.NONE:
        raise ConfigurationError(
            f"{own.name} trades in a live engine and in `imc-cockpit backtest`, not in {where}: "
            'leave it out with --set strategy.python=""'
        )


def load_own(names: OwnNames, folders: Sequence[Path]) -> LoadedSignal | None:
    """
    Load what the kernel calls, and note who decides; None if nothing is the user's own.

    A Python strategy is only noted: what it wanted is in the journal, so that it need not
    be there, or be the same, for a replay.

    Raises:
        ConfigurationError: If a function cannot be used, or two want to decide.
    """
    if not any(names):
        return None
    if names.target and names.python:
        raise ConfigurationError(
            f'strategy.target = "{names.target}" and strategy.python = "{names.python}" '
            "both want to decide: empty one of them"
        )
    signal = load_signal(names.mine, folders) if names.mine else None
    target = load_target(names.target, folders) if names.target else None
    functions = [each for each in (signal, target) if each is not None]
    if signal is not None and len(functions) == 1 and not names.python:
        return signal
    prints = "".join(each.fingerprint for each in functions)
    return LoadedSignal(
        name=str(names),
        fingerprint=hashlib.blake2b(prints.encode(), digest_size=8).hexdigest() if prints else "",
        address=0 if signal is None else signal.address,
        complaint="; ".join(each.complaint for each in functions if each.complaint),
        target_address=0 if target is None else target.address,
        strategy=OwnStrategy.PYTHON if names.python else OwnStrategy.NONE,
    )
