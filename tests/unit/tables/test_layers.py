"""Tables over each other."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.tables.layers import Layers
from core.tables.section import Section


class Item(Section):
    size: int


class Inner(Section):
    low: int
    high: int


class Outer(Section):
    name: str
    inner: Inner
    words: dict[str, str]
    items: tuple[Item, ...]


def layers(*trees: tuple[str, dict]) -> Layers:
    made = Layers(Outer)
    for source, tree in trees:
        made.add(source, tree)
    return made


def test_a_later_layer_wins_key_by_key_and_is_its_origin() -> None:
    made = layers(
        ("a", {"name": "x", "inner": {"low": 1, "high": 5}}), ("b", {"inner": {"low": 2}})
    )
    assert made.tree() == {"name": "x", "inner": {"low": 2, "high": 5}}
    assert made.origins == {"name": "a", "inner.high": "a", "inner.low": "b"}


def test_a_table_of_own_names_is_merged_name_by_name() -> None:
    made = layers(("a", {"words": {"x": "1", "y": "2"}}), ("b", {"words": {"y": "3"}}))
    assert made.tree() == {"words": {"x": "1", "y": "3"}}
    assert made.source_of("words.x", "") == "a"


def test_a_list_is_replaced_as_a_whole_and_what_stands_in_it_has_its_origin() -> None:
    made = layers(("a", {"items": [{"size": 1}, {"size": 2}]}), ("b", {"items": [{"size": 3}]}))
    assert made.tree() == {"items": [{"size": 3}]}
    assert made.source_of("items.0.size", "") == "b"


def test_a_rule_over_several_keys_comes_from_the_last_layer_that_set_one_it_names() -> None:
    made = layers(
        ("a", {"inner": {"low": 1, "high": 5}}), ("b", {"inner": {"low": 9}}), ("c", {"name": "x"})
    )
    assert made.source_of("inner", "inner.high = 5 is below low") == "b"
    assert made.source_of("inner", "inner.high is odd") == "a"
    assert made.source_of("elsewhere", "") == "settings"


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"namee": "x"}, "a: namee is not a setting; did you mean name?"),
        ({"inner": {"lo": 1}}, "a: inner.lo is not a setting; did you mean inner.low?"),
        ({"inner": 3}, "a: inner = 3 must be a table"),
        ({"words": [1]}, "a: words = a list must be a table"),
        ({"items": [{"size": 1}, {"sizze": 2}]}, "a: items.2.sizze is not a setting; did you mean"),
    ],
)
def test_keys_that_are_none_are_refused_with_their_source(tree, sentence) -> None:
    with pytest.raises(ConfigurationError, match=r".") as refused:
        layers(("a", tree))
    assert sentence in str(refused.value)
