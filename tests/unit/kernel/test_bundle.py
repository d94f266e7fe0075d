"""Bundles: compiled code reads and writes the arrays that Python sees."""

from __future__ import annotations

import pickle
from typing import NamedTuple

import numpy as np
import pytest

from core.domain.memory import FloatArray, IntArray
from core.jit import is_jit_disabled, njit
from core.kernel.bundle import by_reference

compiled = pytest.mark.skipif(is_jit_disabled(), reason="nothing is compiled here")


class Pair(NamedTuple):
    """By value, inside a bundle."""

    left: IntArray
    right: IntArray


@by_reference
class Inner(NamedTuple):
    """By reference, inside another."""

    counts: IntArray


@by_reference
class Outer(NamedTuple):
    """One of everything."""

    first: IntArray
    grid: FloatArray
    pair: Pair
    inner: Inner
    last: IntArray


def make_outer():
    return Outer(
        first=np.array([3, 5]),
        grid=np.arange(12.0).reshape(3, 4),
        pair=Pair(np.array([7]), np.array([11, 13, 17])),
        inner=Inner(np.array([19, 23])),
        last=np.array([29]),
    )


@njit
def add_up(outer: Outer) -> float:
    total = outer.first[1] + outer.grid[2, 1] + outer.pair.right[2] + outer.inner.counts[0]
    return total + outer.last[0] + 100 * outer.grid.shape[1] + 1_000 * outer.pair.right.shape[0]


@njit
def write_to(outer: Outer) -> None:
    outer.grid[1, 3] = -2.5
    outer.pair.left[0] += 1
    count_in(outer.inner, 4)


@njit
def count_in(inner: Inner, more: int) -> None:
    inner.counts[1] += more


def test_compiled_code_reads_every_kind_of_field():
    assert add_up(make_outer()) == 5 + 9 + 17 + 19 + 29 + 400 + 3_000


def test_compiled_code_writes_to_the_arrays_themselves():
    outer = make_outer()
    write_to(outer)
    assert outer.grid[1, 3] == -2.5
    assert outer.pair.left.tolist() == [8]
    assert outer.inner.counts.tolist() == [19, 27]


def test_what_python_writes_afterwards_is_read():
    outer = make_outer()
    before = add_up(outer)
    outer.last[0] += 1
    assert add_up(outer) == before + 1


def test_one_with_another_field_is_another_one():
    outer = make_outer()
    before = add_up(outer)
    other = outer._replace(last=np.array([30]))
    assert add_up(other) == before + 1
    assert add_up(outer) == before


def test_it_is_still_the_named_tuple_that_it_was():
    outer = make_outer()
    assert Outer._fields == ("first", "grid", "pair", "inner", "last")
    assert type(Outer._make(outer)) is Outer
    assert Outer.__doc__ == "One of everything."


def test_a_pickled_one_comes_back_by_itself():
    outer = make_outer()
    expected = add_up(outer)
    other = pickle.loads(pickle.dumps(outer))
    outer.first[:] = outer.last[:] = 0
    assert add_up(other) == expected


@compiled
def test_other_types_of_its_arrays_make_it_another_type():
    outer = make_outer()
    expected = add_up(outer)
    assert add_up(outer._replace(first=np.array([3.0, 5.0]))) == expected


@compiled
def test_it_costs_one_word():
    """A table of 5 + 2 words for each array, and one for each bundle in it."""
    outer = make_outer()
    assert outer.address == outer.__dict__["table"].ctypes.data
    assert len(outer.__dict__["table"]) == 7 + 9 + 2 * 7 + 1 + 7
