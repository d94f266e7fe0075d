"""Recorded books a second through kernel and simulated venue, beside two backtesters."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from core.backtest.run import run_backtest
from core.data.dataset import DataSet
from core.domain.enums import EventKind
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from tests.perf.market import data_file, recorded, tiled
from tests.perf.peer_process import Figures, Peer
from tests.perf.row import Row, Target, Unmeasurable, median

ROUNDS = 3
EVENTS = 3_000_000
"""About a second's worth."""

PROSPERITY = "prosperity3/round1/prices_round_1_day_*.csv.gz"
BINANCE = "binance_l2/usdm_btcusdt_20240808.gz"
REACH = Target(3e6, "least")
PEERS = ("hftbacktest", "nautilus")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of ours against a peer's."""

    peer: str
    ours: str
    theirs: str
    """Key of the peer's figures."""
    unit: str
    target: Target | None
    note: str


COMPARISONS = (
    Comparison(
        "hftbacktest", "passes_per_s", "passes_per_s", "files/s", Target(1, "least", "ratio"),
        "the same file from end to end; theirs keeps one imbalance quote, applies levels as it "
        "goes and leaves the best-price stream out, ours reads whole books made when loading",
    ),
    Comparison(
        "hftbacktest", "books_per_s", "levels_per_s", "books/s", None,
        "the same runs, by each one's own unit: our books against its single levels",
    ),
    Comparison(
        "nautilus", "books_per_s", "quotes_per_s", "books/s", Target(10, "least", "ratio"),
        "its strategy only counts quotes, the best prices of the same books",
    ),
)  # fmt: skip


def measure() -> list[Row]:
    """Measure ours on both kinds of data, and the peers on the Binance file, in turn."""
    rows = []
    for name, measure_part in (("prosperity", _prosperity), ("binance", _binance)):
        try:
            rows += measure_part()
        except Unmeasurable as reason:
            rows.append(Row(f"backtest {name}", None, "books/s", REACH, note=str(reason)))
    return rows


def _prosperity() -> list[Row]:
    ours = Backtest(recorded(PROSPERITY))
    rates = [ours.run()["books_per_s"] for _ in range(ROUNDS)]
    note = f"{PROSPERITY}, {ours.describe()}"
    return [Row("backtest prosperity", median(rates), "books/s", REACH, note=note)]


def _binance() -> list[Row]:
    ours = Backtest(recorded(BINANCE))
    figures: dict[str, list[Figures]] = {"ours": []}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(Peer(name, str(data_file(BINANCE)))) for name in PEERS}
        for name, peer in peers.items():
            try:
                peer.run()
                figures[name] = []
            except Unmeasurable as reason:
                missing[name] = str(reason)
        for _ in range(ROUNDS):
            figures["ours"].append(ours.run())
            for name in figures.keys() & peers.keys():
                figures[name].append(peers[name].run())
    rate = _median(figures["ours"], "books_per_s")
    rows = [Row("backtest binance", rate, "books/s", REACH, note=f"{BINANCE}, {ours.describe()}")]
    return rows + [_compare(each, figures, missing) for each in COMPARISONS]


class Backtest:
    """One recording, repeated until a run lasts about a second."""

    def __init__(self, data: DataSet) -> None:
        self._data = tiled(data, EVENTS)
        self._times = len(self._data.events) // len(data.events)
        self._settings = load_settings(data.profile).settings
        self._books = int((self._data.events["kind"] == EventKind.BOOK).sum())
        self._account = ""

    def run(self) -> Figures:
        """Run once, from a flat account."""
        settings = self._settings
        models = starting_models(settings, self._data.instruments, SpreadRows())
        result = run_backtest(
            self._data, params_row(settings), settings.account.capital_nanos, models=models
        )
        account = result.account[0]
        self._account = f"{int(account['orders']):,} orders, {int(account['fills']):,} fills"
        return {
            "books_per_s": self._books / result.seconds,
            "passes_per_s": self._times / result.seconds,
        }

    def describe(self) -> str:
        """What the last run was about."""
        return (
            f"{self._times} times over: {self._books:,} books of {len(self._data.events):,} "
            f"events, {self._account}"
        )


def _compare(
    comparison: Comparison, figures: dict[str, list[Figures]], missing: dict[str, str]
) -> Row:
    peer = comparison.peer
    value = _median(figures["ours"], comparison.ours)
    name = f"backtest beside {peer}"
    if peer in missing:
        return Row(name, value, comparison.unit, comparison.target, peer, None, missing[peer])
    return Row(
        name,
        value,
        comparison.unit,
        comparison.target,
        f"{peer}, {comparison.theirs.replace('_per_s', '/s')}",
        _median(figures[peer], comparison.theirs),
        comparison.note,
    )


def _median(figures: list[Figures], key: str) -> float:
    return median([each[key] for each in figures])
