"""Tables laid over each other: each key's value, and the file or flag that set it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.domain.errors import ConfigurationError
from core.tables.refusal import leaf_keys, section_of, shown, unknown_key
from core.tables.toml import Tree


@dataclass(slots=True)
class Layers:
    """
    Values of all layers so far, by dotted key, with their origins.

    A table of the user's own names, a `dict` in the model, counts as one key for each name:
    a layer that sets one of them leaves the others.
    """

    model: type[BaseModel]
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def add(self, source: str, tree: Tree) -> None:
        """
        Lay a tree over what is there.

        Raises:
            ConfigurationError: For a key that the model does not know; the sentence begins
                with `source`.
        """
        known = [key for key, _ in leaf_keys(self.model)]
        for key, value in _leaves(source, tree, self.model, known):
            # Out and in again: the order of origins is the order of the layers.
            self.origins.pop(key, None)
            self.values[key], self.origins[key] = value, source

    def source_of(self, key: str, sentence: str) -> str:
        """Layer of a key; for a rule over several keys, the last layer that set one of them."""
        whole = key
        while whole:
            if whole in self.origins:
                return self.origins[whole]
            # What stands in a list has the origin of the list.
            whole = whole.rpartition(".")[0]
        section = {name: source for name, source in self.origins.items() if name.startswith(key)}
        named = [source for name, source in section.items() if name.rpartition(".")[2] in sentence]
        return (named or list(section.values()) or ["settings"])[-1]

    def tree(self) -> Tree:
        """Everything as one tree again."""
        root: Tree = {}
        for key, value in self.values.items():
            *sections, leaf = key.split(".")
            table = root
            for section in sections:
                table = table.setdefault(section, {})
            table[leaf] = value
        return root


def _leaves(
    source: str, tree: Tree, model: type[BaseModel], known: list[str], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Walk a layer down to its values, refusing keys that are none."""
    for name, value in tree.items():
        key = prefix + name
        found = model.model_fields.get(name)
        if found is None:
            raise unknown_key(source, key, known)
        section = section_of(found)
        if section is None and get_origin(found.annotation) is not dict:
            _check_items(source, key, value, found)
            yield key, value
        elif not isinstance(value, dict):
            raise ConfigurationError(f"{source}: {key} = {shown(value)} must be a table")
        elif section is None:
            yield from ((f"{key}.{entry}", item) for entry, item in value.items())
        else:
            yield from _leaves(source, value, section, known, f"{key}.")


def _check_items(source: str, key: str, value: object, found: FieldInfo) -> None:
    """Refuse unknown keys in the tables of a list."""
    kinds = [
        kind
        for kind in get_args(found.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    ]
    if not kinds or not isinstance(value, list):
        return
    for number, item in enumerate(value, start=1):
        if isinstance(item, dict):
            known = [f"{key}.{number}.{name}" for name in kinds[0].model_fields]
            for name in item:
                if name not in kinds[0].model_fields:
                    raise unknown_key(source, f"{key}.{number}.{name}", known)
