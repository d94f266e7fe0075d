"""The models that a run begins with: assumptions, and over them those of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.models.model_file import read_models
from core.models.model_set import SpreadRows, model_events
from core.models.prior import prior_models
from core.settings.model import Settings


def starting_models(
    settings: Settings, instruments: Sequence[Instrument], rows: SpreadRows
) -> list[EventRow]:
    """
    Make the first model updates of a run.

    Args:
        settings: Of the run.
        instruments: What is traded; their order is the index.
        rows: Filled with the places of the spreads.

    Raises:
        ConfigurationError: If the model file cannot be used, or a basket is wrong.
    """
    events = prior_models(settings, instruments, rows)
    if settings.models.file:
        symbols = {str(instrument.symbol) for instrument in instruments}
        path = Path(settings.models.file).expanduser()
        events += model_events(
            read_models(path, settings.strategy.bar_ms, symbols).fit, instruments, rows
        )
    return events
