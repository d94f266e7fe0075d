"""Values of a checked formula, for all draws at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.memory import FloatArray
from core.events.formula import Formula
from core.events.functions import FUNCTIONS, OPERATIONS
from core.events.shapes import Call, Name, Node, Number, Operation, Product

_BLOCK = 2_048
"""Draws that are worked out at once: their intermediate values fit a core's own cache."""


def evaluate(
    formula: Formula,
    names: Mapping[str, FloatArray],
    products: Mapping[str, FloatArray] | None = None,
) -> FloatArray:
    """
    Work out one formula.

    Args:
        formula: What to work out.
        names: Shape (draws, bins) of each series, (draws, 1) of each term that is a number.
        products: Shape (draws, 1) of each product's settlement.

    Returns:
        Shape (draws, bins), or (draws, 1) for a number; (1, ...) where no draw differs. What
        cannot be worked out, such as 1 / 0, is not finite.
    """
    used = {name: names[name] for name in formula.names}
    settled = {symbol: (products or {})[symbol] for symbol in formula.products}
    draws = max((len(value) for value in (*used.values(), *settled.values())), default=1)
    with np.errstate(all="ignore"):
        if draws <= _BLOCK:
            return _value(formula.root, used, settled)
        result = np.empty((draws, max(1, formula.shape.bins)), order="F")
        for first in range(0, draws, _BLOCK):
            rows = slice(first, first + _BLOCK)
            result[rows] = _value(formula.root, _part(used, rows), _part(settled, rows))
    return result


def _part(values: Mapping[str, FloatArray], rows: slice) -> dict[str, FloatArray]:
    return {name: value if len(value) == 1 else value[rows] for name, value in values.items()}


def _value(
    node: Node, names: Mapping[str, FloatArray], products: Mapping[str, FloatArray]
) -> FloatArray:
    match node:
        case Number(value):
            return np.full((1, 1), value)
        case Name(name):
            return names[name]
        case Product(symbol):
            return products[symbol]
        case Operation(sign, operands):
            values = [_value(operand, names, products) for operand in operands]
            result: FloatArray = OPERATIONS[sign](*values, out=_spare(operands, values))
        case Call(function, arguments):
            values = [_value(argument, names, products) for argument in arguments]
            result = FUNCTIONS[function].apply(*values)
    return result if result.dtype == np.float64 else result.astype(np.float64)


def _spare(operands: Sequence[Node], values: Sequence[FloatArray]) -> FloatArray | None:
    """An intermediate value that nobody needs any more and that the result fits into."""
    largest = max(value.size for value in values)
    for operand, value in zip(operands, values, strict=True):
        if isinstance(operand, Operation | Call) and value.size == largest > 1:
            return value
    return None
