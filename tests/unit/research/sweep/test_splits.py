"""Folds and splits: nothing is judged on what it was chosen by."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.research.sweep.splits import Fold, Scheme, Split, counts_for_choice, cut, splits


@given(st.integers(0, 10**18), st.integers(20, 10**15), st.integers(1, 12))
def test_folds_hold_every_moment_once(first_ns, span_ns, count):
    folds = cut(first_ns, first_ns + span_ns, count)
    assert (folds[0].start_ns, folds[-1].stop_ns) == (first_ns, first_ns + span_ns + 1)
    for earlier, later in pairwise(folds):
        assert earlier.stop_ns == later.start_ns > earlier.start_ns


def test_walking_forward_judges_on_what_comes_next():
    assert splits(Scheme.WALK_FORWARD, 4) == (
        Split((0,), 1), Split((0, 1), 2), Split((0, 1, 2), 3),
    )  # fmt: skip


def test_purged_splits_judge_on_each_fold_once():
    assert splits(Scheme.PURGED, 3) == (
        Split((1, 2), 0), Split((0, 2), 1), Split((0, 1), 2),
    )  # fmt: skip


def test_one_fold_leaves_nothing_to_judge_on():
    with pytest.raises(ValueError, match="1 folds"):
        splits(Scheme.PURGED, 1)


def test_what_is_too_near_to_the_judged_fold_does_not_count():
    early, judged, late = Fold(0, 0, 100), Fold(1, 100, 200), Fold(2, 200, 300)
    assert counts_for_choice(early, judged, 30) == (0, 70)
    assert counts_for_choice(late, judged, 30) == (230, 300)
    assert counts_for_choice(Fold(3, 300, 400), judged, 30) == (300, 400)
