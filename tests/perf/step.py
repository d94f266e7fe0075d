"""One decision per call from Python, beside what the libraries' own recipe takes a tick."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable

import numpy as np

from core.domain.enums import VenueState
from core.domain.events import load, stamp, venue_state
from core.domain.memory import Rows
from core.jit import entry_of
from core.kernel.batch import make_desk
from core.kernel.simulation import on_book, on_intent
from core.kernel.state import make_state
from core.kernel.step import step
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from tests.perf.market import START_NS, random_market
from tests.perf.row import Row, Target, median, percentile

ROUNDS = 5
EVENTS = 6_000
RECIPES = 8
"""A round."""
WINDOW = 200


def measure() -> list[Row]:
    """Measure `step` and the recipe in turn."""
    trader, recipe = Trader(), make_recipe()
    trader.take_books(EVENTS)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(trader.take_books(EVENTS))
        theirs.append([_timed_us(recipe) for _ in range(RECIPES)])
    note = (
        f"{ROUNDS} rounds of {EVENTS:,} books of eight products with a simulated venue behind "
        f"them, {trader.orders:,} orders; the recipe is pykalman.filter over {WINDOW} points, "
        "hmmlearn predict_proba and ruptures PELT"
    )
    return [
        Row(
            f"step p{percent}",
            median([percentile(taken, percent) for taken in ours]),
            "us",
            Target(bound),
            f"library recipe p{percent}",
            median([percentile(taken, percent) for taken in theirs]),
            note if percent == 50 else "",
        )
        for percent, bound in ((50, 10), (99, 30))
    ]


class Trader:
    """The kernel, called event by event as the live loop does, on a simulated venue."""

    def __init__(self) -> None:
        data = random_market()
        settings = load_settings("practice").settings
        self._events = data.events
        self._state = make_state(
            data.instruments, params_row(settings), settings.account.capital_nanos
        )
        self._desk = make_desk(data.instruments)
        # As the live engine calls it.
        self._step = entry_of(step, self._state, data.events, 0, self._desk.intents)
        self._next = 0
        self.orders = 0
        rows = [
            *starting_models(settings, data.instruments, SpreadRows()),
            venue_state(VenueState.CONNECTED),
            venue_state(VenueState.SYNCED),
        ]
        for number, row in enumerate(rows, start=1):
            stamp(row, number, START_NS)
        self._apply(load(rows), len(rows))

    def take_books(self, count: int) -> list[float]:
        """Trade the next `count` books. Returns the microseconds that each call took."""
        desk, state, rows, take = self._desk, self._state, self._events, self._step
        taken = []
        gc.collect()
        gc.disable()
        for _ in range(count):
            index = self._next
            self._next += 1
            if reports := on_book(desk.simulation, rows, index, desk.answers, 0):
                self._apply(desk.answers, reports)
            started_ns = time.perf_counter_ns()
            intents = take(state, rows, index, desk.intents)
            taken.append((time.perf_counter_ns() - started_ns) / 1e3)
            if intents:
                self._carry_out(intents)
        gc.enable()
        return taken

    def _carry_out(self, intents: int) -> None:
        desk = self._desk
        queue = desk.intents[:intents].copy()
        self.orders += intents
        for number in range(intents):
            reports = on_intent(desk.simulation, self._events, queue, number, desk.answers, 0)
            self._apply(desk.answers, reports)

    def _apply(self, rows: Rows, count: int) -> None:
        for number in range(count):
            self._step(self._state, rows, number, self._desk.intents)


def make_recipe() -> Callable[[], object]:
    """What a notebook would do on every tick, with models that are fitted already."""
    from hmmlearn.hmm import GaussianHMM
    from pykalman import KalmanFilter
    from ruptures import Pelt

    random = np.random.default_rng(7)
    prices = 100 + np.cumsum(random.normal(0, 0.1, WINDOW + 1))
    returns = np.diff(prices).reshape(-1, 1)
    kalman = KalmanFilter(
        transition_matrices=[1],
        observation_matrices=[1],
        transition_covariance=[[0.01]],
        observation_covariance=[[0.1]],
        initial_state_mean=prices[0],
        initial_state_covariance=[[1]],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hidden = GaussianHMM(n_components=3, n_iter=5, random_state=7).fit(returns)

    def recipe() -> object:
        level = kalman.filter(prices[1:])
        probability = hidden.predict_proba(returns)
        breaks = Pelt(model="l2").fit(returns).predict(pen=1.0)
        return level, probability, breaks

    return recipe


def _timed_us(action: Callable[[], object]) -> float:
    started_ns = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - started_ns) / 1e3
