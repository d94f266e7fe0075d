"""Values of a checked formula, for all draws at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.domain.memory import FloatArray
from core.events.formula import Formula
from core.events.functions import FUNCTIONS, OPERATIONS
from core.events.shapes import Call, Name, Node, Number, Operation, Product


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
    with np.errstate(all="ignore"):
        return _value(formula.root, names, products or {})


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
            result: FloatArray = OPERATIONS[sign](*values)
        case Call(function, arguments):
            values = [_value(argument, names, products) for argument in arguments]
            result = FUNCTIONS[function].apply(*values)
    return result if result.dtype == np.float64 else result.astype(np.float64)
