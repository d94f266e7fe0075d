"""Finding a Python strategy, and the sentence where there is none."""

from __future__ import annotations

import pytest

from core.domain.enums import OwnStrategy
from core.domain.errors import ConfigurationError
from core.strategies.own import OwnNames, load_own
from core.strategies.python_class import StrategyKind, load_class

TRADER = """
from datamodel import Listing, Observation, Order, OrderDepth, ProsperityEncoder
from datamodel import ConversionObservation, Product, Position, Symbol, Time, Trade
from datamodel import TradingState, UserId, ObservationValue

class Trader:
    def run(self, state):
        return {}, 0, ""

class Quoter:
    def on_book(self, book):
        pass

class Idle:
    pass

helper = 3
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "algo.py"
    path.write_text(TRADER)
    return path


def refusal(name, folders=()):
    with pytest.raises(ConfigurationError) as refused:
        load_class(name, folders)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_traders_file_is_loaded_with_imcs_types(file):
    loaded = load_class(f"{file}:Trader", [])
    assert loaded.kind is StrategyKind.TRADER
    assert loaded.file == str(file)
    assert len(loaded.fingerprint) == 16


def test_a_class_with_handlers_is_found_by_its_module(file, tmp_path):
    loaded = load_class("algo:Quoter", [tmp_path])
    assert (loaded.kind, loaded.handlers) == (StrategyKind.HANDLERS, ("on_book",))


def test_a_changed_file_is_another_one(file):
    before = load_class(f"{file}:Trader", [])
    file.write_text(TRADER + "\nX = 1\n")
    assert load_class(f"{file}:Trader", []).fingerprint != before.fingerprint


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("{folder}/algo.py:Tradr", "has no class Tradr; did you mean Trader?"),
        ("{folder}/algi.py:Trader", "did you mean algo.py?"),
        ("{folder}/algo.py:helper", "is no class but of type int"),
        ("{folder}/algo.py:Idle", "has neither run(self, state)"),
        ("{folder}/algo.py", "names no class"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(file, tmp_path, name, words):
    assert words in refusal(name.format(folder=tmp_path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import jsonpickel", "needs jsonpickel"),
        ("import jsonpickel", "install jsonpickel into the environment"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
        ("def (", "cannot be imported: SyntaxError"),
        ("import sys; sys.exit(3)", "cannot be imported: SystemExit: 3"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(tmp_path, text, words):
    (tmp_path / "broken.py").write_text(text)
    assert words in refusal(f"{tmp_path}/broken.py:Trader")


def test_one_that_needs_arguments_cannot_be_made(tmp_path):
    (tmp_path / "needy.py").write_text(
        "class T:\n    def __init__(self, x): pass\n    def run(self, state): pass\n"
    )
    with pytest.raises(ConfigurationError, match="without arguments: TypeError"):
        load_class(f"{tmp_path}/needy.py:T", []).make()


@pytest.mark.parametrize(
    "names",
    [
        OwnNames(), OwnNames("a.b:c"), OwnNames("", "t:f"), OwnNames("a:b", "t:f"),
        OwnNames("", "", "my files/x.py:T"), OwnNames("a:b", "", "x.y:T"),
    ],
)  # fmt: skip
def test_names_survive_the_beginning_of_a_journal(names):
    assert OwnNames.parse(str(names)) == names


def test_a_python_strategy_is_only_noted_for_the_kernel():
    """What it wanted is in the journal: a replay does not need the file."""
    own = load_own(OwnNames(python="gone.py:T"), [])
    assert own is not None
    assert (own.strategy, own.address, own.fingerprint) == (OwnStrategy.PYTHON, 0, "")


def test_two_that_want_to_decide_are_refused():
    with pytest.raises(ConfigurationError, match="both want to decide"):
        load_own(OwnNames(target="a:b", python="c.py:D"), [])
