"""What all products of an event settle on, given its observations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from core.domain.memory import FloatArray
from core.events.evaluate import evaluate
from core.events.model import OptionSettings, ProductSettings
from core.events.profile import Event

Values = Mapping[str, FloatArray]
"""By name; shape (draws, bins), or (draws, 1) for a number."""


def settle(
    event: Event,
    series: Values,
    prices: Values | None = None,
    premiums: Values | None = None,
    *,
    only: Collection[str] | None = None,
) -> dict[str, FloatArray]:
    """
    Work out settlements, options and baskets, all of the same draws.

    Args:
        event: What settles how.
        series: Shape (draws, bins), by the observation's name, in the profile's unit.
        prices: Shape (draws, 1), of products already worked out and of those that only the
            market values.
        premiums: Shape (draws, 1), of baskets above their parts; none means 0.
        only: Symbols to work out; None means all that are not in `prices`.

    Returns:
        Shape (draws, 1) or (1, 1), by symbol. What lacks a series or a price is left out.
    """
    done = dict(prices or {})
    wanted = [symbol for symbol in event.order if symbol not in done]
    if only is not None:
        wanted = [symbol for symbol in wanted if symbol in only]
    names = {**series, **work_out_terms(event, series, wanted)}
    products = {entry.symbol: entry for entry in event.products}
    result = {}
    for symbol in wanted:
        value = _settlement(event, products[symbol], names, done, premiums or {})
        if value is not None:
            done[symbol] = result[symbol] = value
    return result


def work_out_terms(event: Event, names: Values, symbols: Collection[str]) -> dict[str, FloatArray]:
    """
    Work out the terms that products need.

    Args:
        event: What settles how.
        names: As `series` of `settle`; a term that is among them is not worked out again.
        symbols: The products.
    """
    needed: set[str] = set()
    for symbol in symbols:
        if symbol in event.formulas:
            needed |= event.formulas[symbol].names
    # A term may use those above it, so that the last is asked for first.
    for name, term in reversed(list(event.terms.items())):
        if name in needed:
            needed |= term.names
    known = dict(names)
    terms = {}
    for name, term in event.terms.items():
        if name in needed and name not in known and term.names <= known.keys():
            known[name] = terms[name] = evaluate(term, known)
    return terms


def made_of(event: Event) -> dict[str, frozenset[str]]:
    """By product: itself and all products that it is made of or written on."""
    result: dict[str, frozenset[str]] = {}
    for symbol in event.order:
        parts = (result[part] for part in event.parts_of(symbol))
        result[symbol] = frozenset({symbol}).union(*parts)
    return result


def inputs(event: Event) -> dict[str, frozenset[str]]:
    """By product and by term: the observations and market prices that it depends on."""
    result = {entry.name: frozenset({entry.name}) for entry in event.series}
    for name, term in event.terms.items():
        result[name] = frozenset().union(*(result[used] for used in term.names))
    markets = {entry.symbol for entry in event.products if entry.is_market}
    for symbol in event.order:
        used = set(event.parts_of(symbol))
        if symbol in event.formulas:
            used |= event.formulas[symbol].names
        own = {symbol} & markets
        result[symbol] = frozenset(own).union(*(result[name] for name in used))
    return result


def _settlement(
    event: Event, product: ProductSettings, names: Values, done: Values, premiums: Values
) -> FloatArray | None:
    formula = event.formulas.get(product.symbol)
    if formula is not None:
        if formula.names <= names.keys() and formula.products <= done.keys():
            return evaluate(formula, names, done)
        return None
    if product.parts and product.parts.keys() <= done.keys():
        worth: FloatArray = np.zeros((1, 1))
        for symbol, units in product.parts.items():
            worth = worth + units * done[symbol]
        return worth + premiums.get(product.symbol, product.premium)
    if product.underlying and product.underlying in done:
        return payoff(product.options, done[product.underlying])
    return None


def payoff(options: Collection[OptionSettings], underlying: FloatArray) -> FloatArray:
    """What options pay for each value of their underlying; shape as given."""
    paid: FloatArray = np.zeros_like(underlying)
    for option in options:
        above = underlying - option.strike
        paid = paid + option.units * np.maximum(above if option.kind == "call" else -above, 0.0)
    return paid
