"""
From `config/events/<name>.toml` to a checked `Event`.

A user's own event is one more file in that folder, or in any folder named here.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from core.domain.errors import ConfigurationError
from core.events.formula import Formula, FormulaError, parse_formula
from core.events.functions import FUNCTIONS
from core.events.model import (
    CorrelationSettings,
    EventSettings,
    GroupSettings,
    ObservationSettings,
    ProductSettings,
    WindowSettings,
)
from core.events.profile import Event, Series
from core.events.shapes import SCALAR, Shape
from core.tables.paths import config_dir, display_path
from core.tables.refusal import refuse, shown, unknown_key
from core.tables.section import Section
from core.tables.toml import Tree, read_toml, to_json

_S = TypeVar("_S", bound=Section)

_TABLES: Mapping[str, type[Section]] = {
    "observation": ObservationSettings,
    "correlation": CorrelationSettings,
    "product": ProductSettings,
    "group": GroupSettings,
}
_WINDOW, _TERMS = "window", "terms"


def event_names(folder: Path | None = None) -> tuple[str, ...]:
    """Names of the profiles in a folder, sorted; None means `config/events`."""
    return tuple(sorted(path.stem for path in _folder(folder).glob("*.toml")))


def load_event(name: str, *, folder: Path | None = None) -> Event:
    """
    Read and check one event.

    Args:
        name: The file's name without `.toml`.
        folder: Where the files are; None means `config/events`.

    Raises:
        ConfigurationError: With file, key, what was found, what is allowed and the nearest
            right word; a mistake in a formula has a caret under it.
    """
    path = _folder(folder) / f"{name}.toml"
    names = event_names(folder)
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise ConfigurationError(
            f"event: {shown(name)} is not in {display_path(_folder(folder))}; "
            f"known: {', '.join(names) or 'none'}{hint}"
        )
    return _Profile(display_path(path), read_toml(path)).event(name)


def _folder(folder: Path | None) -> Path:
    return folder or config_dir() / "events"


class _Profile:
    """One file while it is being checked."""

    def __init__(self, label: str, tree: Tree) -> None:
        self._label = label
        self._tree = tree

    def event(self, name: str) -> Event:
        self._refuse_unknown_tables()
        head = {key: self._tree[key] for key in EventSettings.model_fields if key in self._tree}
        settings = self._section("", head, EventSettings)
        window = self._section("window.", self._table(_WINDOW), WindowSettings)
        observations = self._sections("observation", ObservationSettings)
        correlations = self._sections("correlation", CorrelationSettings)
        products = self._sections("product", ProductSettings)
        groups = self._sections("group", GroupSettings)
        if not products:
            raise self._error("needs at least one [[product]] table")
        self._refuse_doubles("observation", "name", [entry.name for entry in observations])
        self._refuse_doubles("product", "symbol", [entry.symbol for entry in products])
        series = self._series(window, observations)
        self._check_correlations(correlations, series)
        self._check_groups(groups, products)
        terms = self._terms(series)
        formulas = self._formulas(series, terms, products)
        return Event(
            name=name,
            title=settings.title,
            scoring=settings.scoring,
            time_zone=window.time_zone,
            start_ts_ns=window.start_ts_ns,
            end_ts_ns=window.end_ts_ns,
            series=series,
            correlations=tuple((entry.of[0], entry.of[1], entry.value) for entry in correlations),
            terms=terms,
            products=tuple(products),
            formulas=formulas,
            order=self._order(products, formulas),
            groups=tuple(groups),
        )

    def _refuse_unknown_tables(self) -> None:
        known = [*EventSettings.model_fields, _WINDOW, _TERMS, *_TABLES]
        for key in self._tree:
            if key not in known:
                raise unknown_key(self._label, key, known)

    def _table(self, key: str) -> Tree:
        table = self._tree.get(key, {})
        if not isinstance(table, dict):
            raise self._error(f"{key} must be written as a [{key}] table")
        return table

    def _sections(self, key: str, model: type[_S]) -> list[_S]:
        tables = self._tree.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._error(f"{key} must be written as [[{key}]] tables")
        return [
            self._section(f"{key}[{number}].", table, model)
            for number, table in enumerate(tables, start=1)
        ]

    def _section(self, prefix: str, table: Tree, model: type[_S]) -> _S:
        known = list(model.model_fields)
        for key in table:
            if key not in known:
                raise unknown_key(self._label, prefix + key, [prefix + name for name in known])
        try:
            return model.model_validate_json(to_json(table))
        except ValidationError as error:
            raise refuse(error, model, lambda *_: self._label, prefix) from error

    def _refuse_doubles(self, table: str, key: str, names: Sequence[str]) -> None:
        first: dict[str, int] = {}
        for number, name in enumerate(names, start=1):
            if name in first:
                raise self._error(
                    f"{table}[{number}].{key} = {shown(name)} "
                    f"is the same as in {table}[{first[name]}]"
                )
            first[name] = number

    def _series(
        self, window: WindowSettings, observations: Sequence[ObservationSettings]
    ) -> tuple[Series, ...]:
        start_ns, end_ns = window.start_ts_ns, window.end_ts_ns
        series = []
        for number, entry in enumerate(observations, start=1):
            bins, rest_ns = divmod(end_ns - start_ns, entry.bin_minutes * 60_000_000_000)
            if rest_ns:
                raise self._error(
                    f"observation[{number}].bin_minutes = {entry.bin_minutes} does not divide "
                    f"the window of {(end_ns - start_ns) / 3.6e12:g} h"
                )
            series.append(Series(entry, start_ns, bins))
        return tuple(series)

    def _check_correlations(
        self, correlations: Sequence[CorrelationSettings], series: Sequence[Series]
    ) -> None:
        by_name = {entry.name: entry for entry in series}
        paired: set[str] = set()
        for number, entry in enumerate(correlations, start=1):
            key = f"correlation[{number}].of"
            for name in entry.of:
                self._known(key, name, by_name)
                if name in paired:
                    raise self._error(f"{key} = {shown(name)} is correlated with two others")
                paired.add(name)
            first, second = (by_name[name] for name in entry.of)
            if first.shape != second.shape:
                raise self._error(
                    f"{key}: {first.name} is {first.shape}, {second.name} is {second.shape}; "
                    "both need the same bins"
                )

    def _check_groups(
        self, groups: Sequence[GroupSettings], products: Sequence[ProductSettings]
    ) -> None:
        symbols = [entry.symbol for entry in products]
        for number, group in enumerate(groups, start=1):
            for symbol in group.products:
                self._known(f"group[{number}].products", symbol, symbols)

    def _terms(self, series: Sequence[Series]) -> dict[str, Formula]:
        names = {entry.name: entry.shape for entry in series}
        terms: dict[str, Formula] = {}
        for name, text in self._table(_TERMS).items():
            key = f"{_TERMS}.{name}"
            if not isinstance(text, str):
                raise self._error(f"{key} = {shown(text)} must be a formula in quotes")
            if not name.isidentifier() or not name.isascii():
                raise self._error(f"{key}: write letters, digits and underscores, a letter first")
            if name in names or name in FUNCTIONS or name == "product":
                raise self._error(f"{key}: {name} is taken; choose another word")
            terms[name] = self._formula(key, text, names, ())
            names[name] = terms[name].shape
        return terms

    def _formulas(
        self,
        series: Sequence[Series],
        terms: Mapping[str, Formula],
        products: Sequence[ProductSettings],
    ) -> dict[str, Formula]:
        names = {entry.name: entry.shape for entry in series}
        names |= {name: term.shape for name, term in terms.items()}
        symbols = [entry.symbol for entry in products]
        for number, symbol in enumerate(symbols, start=1):
            if symbol in names:
                raise self._error(
                    f"product[{number}].symbol = {shown(symbol)} is also the name of an "
                    "observation or term; rename that"
                )
        formulas = {}
        for number, entry in enumerate(products, start=1):
            key = f"product[{number}]"
            if entry.settlement:
                formula = self._formula(f"{key}.settlement", entry.settlement, names, symbols)
                if formula.shape != SCALAR:
                    raise self._error(
                        f"{key}.settlement is {formula.shape}; make it one number with sum, "
                        f"mean, last, max or min\n    {formula.text}"
                    )
                formulas[entry.symbol] = formula
            for symbol in entry.parts:
                self._known(f"{key}.parts", symbol, symbols)
            if entry.underlying:
                self._known(f"{key}.underlying", entry.underlying, symbols)
        return formulas

    def _formula(
        self, key: str, text: str, names: Mapping[str, Shape], symbols: Sequence[str]
    ) -> Formula:
        try:
            return parse_formula(text, names, symbols)
        except FormulaError as error:
            raise self._error(f"{key}: {error}") from error

    def _order(
        self, products: Sequence[ProductSettings], formulas: Mapping[str, Formula]
    ) -> tuple[str, ...]:
        """Symbols such that each comes after what it is made of."""
        needs = {entry.symbol: _needs(entry, formulas) for entry in products}
        done: dict[str, None] = {}
        while len(done) < len(needs):
            ready = [
                symbol
                for symbol, needed in needs.items()
                if symbol not in done and needed <= done.keys()
            ]
            if not ready:
                circle = ", ".join(symbol for symbol in needs if symbol not in done)
                raise self._error(f"product: {circle} settle on each other; one must come first")
            done |= dict.fromkeys(ready)
        return tuple(done)

    def _known(self, key: str, name: str, known: Any) -> None:
        if name in known:
            return
        nearest = difflib.get_close_matches(name, list(known), n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(known)}"
        raise self._error(f"{key} = {shown(name)} is not in this file; {hint}")

    def _error(self, sentence: str) -> ConfigurationError:
        return ConfigurationError(f"{self._label}: {sentence}")


def _needs(product: ProductSettings, formulas: Mapping[str, Formula]) -> set[str]:
    needed = set(product.parts)
    if product.underlying:
        needed.add(product.underlying)
    if product.symbol in formulas:
        needed |= formulas[product.symbol].products
    return needed
