"""What is assumed before anything has been fitted, from the settings."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.enums import ModelKind, Regime, Signal
from core.domain.events import EventRow, model_updated
from core.domain.instrument import Instrument
from core.domain.spreads import SpreadKind, SpreadModel, spread_values
from core.models.fit_request import Basket
from core.models.model_set import SpreadRows
from core.settings.instruments import load_baskets
from core.settings.model import EdgeSettings, RegimeSettings, Settings

_ORDER = (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY)


def prior_models(
    settings: Settings,
    instruments: Sequence[Instrument],
    spread_rows: SpreadRows,
) -> list[EventRow]:
    """Make the model updates that a run without a model file begins with."""
    edges = edge_values(settings.edge)
    regimes = regime_values(settings.regimes)
    rows: list[EventRow] = []
    for index in range(len(instruments)):
        rows += [
            model_updated(ModelKind.EDGE, edges, instrument=index),
            model_updated(ModelKind.REGIME, regimes, instrument=index),
        ]
    places = {str(instrument.symbol): index for index, instrument in enumerate(instruments)}
    for basket in declared_baskets(settings, instruments):
        if (row := spread_rows.row_of((basket.symbol, *basket.weights))) is None:
            break
        declared = SpreadModel(
            SpreadKind.BASKET,
            [places[symbol] for symbol in (basket.symbol, *basket.weights)],
            [1.0, *(-weight for weight in basket.weights.values())],
        )
        rows.append(model_updated(ModelKind.SPREAD, spread_values(declared).tolist(), row=row))
    return rows


def declared_baskets(settings: Settings, instruments: Sequence[Instrument]) -> tuple[Basket, ...]:
    """
    Give the baskets of the settings that are traded here with all of their parts.

    Raises:
        ConfigurationError: If one is declared wrongly.
    """
    known = {str(instrument.symbol): instrument for instrument in instruments}
    return tuple(
        Basket(
            basket.symbol,
            {
                symbol: units * float(known[symbol].tick_size / known[basket.symbol].tick_size)
                for symbol, units in basket.parts.items()
            },
        )
        for basket in load_baskets(settings.instruments.file)
        if {basket.symbol, *basket.parts} <= known.keys()
    )


def edge_values(edges: EdgeSettings) -> list[float]:
    """Edges by Signal."""
    return [float(getattr(edges, signal.name.lower())) for signal in Signal]


def regime_values(regimes: RegimeSettings) -> list[float]:
    """
    Numbers of a regime model, in the order that `core.kernel.hmm` reads.

    The features come scaled from the kernel, so they are taken as they are.
    """
    stay = regimes.stay_probability
    move = (1.0 - stay) / 2.0
    transition = [stay if row == column else move for row in range(3) for column in range(3)]
    means: list[float] = []
    variances: list[float] = []
    for regime in _ORDER:
        name = regime.name.lower()
        means += getattr(regimes, name)
        variances += [deviation**2 for deviation in getattr(regimes, f"{name}_deviation")]
    start, zero, one = [1.0 / 3.0] * 3, [0.0] * 3, [1.0] * 3
    names = [float(regime) for regime in _ORDER]
    return [*start, *transition, *means, *variances, *zero, *one, *names]
