"""
Text of a settlement to a checked tree.

Python's own parser reads it, and this module takes over what it knows: numbers, names, `+ - *
/ **`, one comparison, the functions of `functions.FUNCTIONS` and `product("SYMBOL")`. Nothing
of the text is ever executed.
"""

from __future__ import annotations

import ast
import difflib
import math
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.events.functions import FUNCTIONS, ShapeError, joined
from core.events.shapes import SCALAR, Call, Name, Node, Number, Operation, Product, Shape

MAX_CHARS = 1_000
MAX_DEPTH = 40

_PRODUCT = "product"

_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, and below it where."""

    def __init__(self, reason: str, text: str, start: int, end: int) -> None:
        self.reason = reason
        self.start = start
        """Column in the text as shown, from 0."""
        width = max(1, min(end, len(text)) - start)
        super().__init__(f"{reason}\n    {text}\n    {' ' * start}{'^' * width}")


@dataclass(frozen=True, slots=True)
class Formula:
    """A settlement that was checked against its profile."""

    text: str
    root: Node
    shape: Shape
    names: frozenset[str]
    """Observations and terms that it reads."""
    products: frozenset[str]
    """Products whose settlement it reads."""


def parse_formula(text: str, names: Mapping[str, Shape], products: Collection[str] = ()) -> Formula:
    """
    Read and check one formula.

    Args:
        text: As written in the profile; line breaks count as spaces.
        names: What may be named, and what it yields.
        products: Symbols that may be named.

    Raises:
        FormulaError: With what is wrong, the nearest right word, and a caret under the place.
    """
    line = " ".join(text.split())
    return _Reader(line, names, products).read()


class _Reader:
    def __init__(self, text: str, names: Mapping[str, Shape], products: Collection[str]) -> None:
        self._text = text
        self._names = names
        self._products = products
        self._seen_names: set[str] = set()
        self._seen_products: set[str] = set()

    def read(self) -> Formula:
        root, shape = self._node(self._parsed(), 0)
        return Formula(
            self._text, root, shape, frozenset(self._seen_names), frozenset(self._seen_products)
        )

    def _parsed(self) -> ast.expr:
        if not self._text:
            raise FormulaError("the formula is empty", "", 0, 0)
        if len(self._text) > MAX_CHARS:
            reason = f"the formula has {len(self._text)} characters, more than {MAX_CHARS}"
            raise FormulaError(reason, self._text[:60], 0, 60)
        for column, letter in enumerate(self._text):
            if not " " <= letter <= "~":
                shown = self._text.encode("ascii", "replace").decode()
                reason = f"{letter!a} is not used in formulas; write plain ASCII"
                raise FormulaError(reason, shown, column, column + 1)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self._text, mode="eval").body
        except SyntaxError as error:
            start = max(0, min((error.offset or 1) - 1, len(self._text)))
            raise FormulaError(
                f"not a formula: {error.msg}", self._text, start, start + 1
            ) from None
        except (ValueError, MemoryError, RecursionError):
            raise FormulaError("nested too deeply", self._text, 0, 1) from None

    def _node(self, node: ast.expr, depth: int) -> tuple[Node, Shape]:
        if depth > MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} deep", node)
        match node:
            case ast.Constant():
                return self._number(node), SCALAR
            case ast.Name():
                return self._name(node)
            case (
                ast.BinOp(left=left, op=sign, right=right)
                | ast.Compare(left=left, ops=[sign], comparators=[right])
            ) if type(sign) in _SIGNS:
                return self._operation(node, _SIGNS[type(sign)], [left, right], depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._operation(node, "negative", [operand], depth)
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self._call(node, function, arguments, depth)
        raise self._error(
            "only numbers, names, + - * / **, one comparison and function(...) are used", node
        )

    def _number(self, node: ast.Constant) -> Number:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._error("not a number", node)
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self._error("too large", node)
        return Number(value)

    def _name(self, node: ast.Name) -> tuple[Node, Shape]:
        shape = self._names.get(node.id)
        if shape is None:
            if node.id in FUNCTIONS:
                raise self._error(f"{node.id} is a function: write {node.id}(...)", node)
            raise self._error(f"unknown name {node.id}{_nearest(node.id, self._names)}", node)
        self._seen_names.add(node.id)
        return Name(node.id), shape

    def _operation(
        self, node: ast.expr, sign: str, operands: list[ast.expr], depth: int
    ) -> tuple[Node, Shape]:
        parts = [self._node(operand, depth + 1) for operand in operands]
        try:
            shape = joined([shape for _, shape in parts])
        except ShapeError as error:
            raise self._error(str(error), node) from None
        return Operation(sign, tuple(part for part, _ in parts)), shape

    def _call(
        self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int
    ) -> tuple[Node, Shape]:
        if name == _PRODUCT:
            return self._product(node, arguments), SCALAR
        function = FUNCTIONS.get(name)
        if function is None:
            hint = _nearest(name, [*FUNCTIONS, _PRODUCT])
            raise self._error(f"unknown function {name}{hint}", node.func)
        if not function.fewest <= len(arguments) <= function.most:
            wanted = _wanted(function.fewest, function.most)
            raise self._error(f"{name} takes {wanted}, not {len(arguments)}", node)
        parts = [self._node(argument, depth + 1) for argument in arguments]
        try:
            shape = function.shape([shape for _, shape in parts])
        except ShapeError as error:
            raise self._error(f"{name}: {error}", node) from None
        return Call(name, tuple(part for part, _ in parts)), shape

    def _product(self, node: ast.Call, arguments: list[ast.expr]) -> Product:
        match arguments:
            case [ast.Constant(value=str(symbol))]:
                if symbol in self._products:
                    self._seen_products.add(symbol)
                    return Product(symbol)
                hint = _nearest(symbol, self._products)
                raise self._error(f'unknown product "{symbol}"{hint}', arguments[0])
        raise self._error('write product("SYMBOL")', node)

    def _error(self, reason: str, node: ast.expr) -> FormulaError:
        end = node.end_col_offset or node.col_offset + 1
        return FormulaError(reason, self._text, node.col_offset, end)


def _wanted(fewest: int, most: int) -> str:
    if fewest == most:
        return f"{fewest} value{'s' if fewest > 1 else ''}"
    return f"{fewest} to {most} values"


def _nearest(word: str, known: Iterable[str]) -> str:
    by_fold = {name.casefold(): name for name in known}
    match = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if match:
        return f"; did you mean {by_fold[match[0]]}?"
    return f"; known: {', '.join(sorted(by_fold.values())) or 'none'}"
