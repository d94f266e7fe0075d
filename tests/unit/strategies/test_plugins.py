"""Loading the user's own signal: what is taken, and the sentence for what is not."""

from __future__ import annotations

import itertools
import sys
import textwrap

import pytest

from core.domain import events
from core.domain.errors import ConfigurationError
from core.domain.records import INSTRUMENT_STATE
from core.jit import is_jit_disabled
from core.kernel.state import STEP, make_state
from core.strategies import plugins
from core.strategies.plugins import install, load_signal, sample_rows
from tests.unit.kernel.kernel_rig import EISBACH, make_params
from tests.unit.runtime.engine_rig import EngineRig

_numbers = itertools.count()
GOOD = "def mine(row):\n    return 0.5 * row.obi\n"
compiled_only = pytest.mark.skipif(is_jit_disabled(), reason="nothing is compiled here")


@pytest.fixture
def write(tmp_path):
    """Write a module under a name that no test has used, for modules are imported once."""

    def written(text, name="mine", stem=""):
        module = stem or f"user_module_{next(_numbers)}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(text))
        return f"{module}:{name}"

    return written


@pytest.fixture
def load(tmp_path):
    return lambda name: load_signal(name, [tmp_path])


def refusal(load, name):
    with pytest.raises(ConfigurationError) as refused:
        load(name)
    sentence = str(refused.value)
    assert sentence.startswith(f'signals.mine = "{name}"')
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence


def test_a_good_function_is_loaded_without_a_complaint(write, load):
    name = write(GOOD)
    signal = load(name)
    assert (signal.name, signal.complaint) == (name, "")
    assert signal.address != 0
    assert len(signal.fingerprint) == 16


def test_installing_gives_the_kernel_the_address_and_nothing_takes_it_away(write, load):
    signal = load(write(GOOD))
    state = make_state([EISBACH], make_params(), 1)
    install(state, signal)
    assert state.addresses[:STEP].tolist() == [signal.address, 0]
    install(state, None)
    assert state.addresses[:STEP].tolist() == [0, 0]


def test_the_folders_are_searched_and_then_forgotten(write, load, tmp_path):
    before = list(sys.path)
    load(write(GOOD))
    assert sys.path == before
    assert str(tmp_path) not in sys.path


def test_a_module_of_a_package_is_found(tmp_path, load):
    package = tmp_path / "user_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "weather.py").write_text(GOOD)
    assert load("user_package.weather:mine").complaint == ""
    assert "did you mean weather?" in refusal(load, "user_package.weathr:mine")


def test_the_users_folder_comes_before_everything_else(write, load, monkeypatch):
    """A library that happens to have the name of the user's file is not what was meant."""
    monkeypatch.delitem(sys.modules, "tabnanny", raising=False)
    assert load(write(GOOD, stem="tabnanny")).complaint == ""
    monkeypatch.delitem(sys.modules, "tabnanny")


def test_the_fingerprint_follows_the_file_and_the_name(tmp_path, monkeypatch):
    """The whole file, for a function may call another one of it."""
    both = f"{GOOD}\ndef other(row):\n    return 0.0\n"
    asked = [(GOOD, "mine"), (f"{GOOD}\nX = 1\n", "mine"), (both, "mine"), (both, "other")]
    prints = []
    for number, (text, name) in enumerate([*asked, asked[0]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "fingerprinted.py").write_text(text)
        prints.append(load_signal(f"fingerprinted:{name}", [folder]).fingerprint)
        monkeypatch.delitem(sys.modules, "fingerprinted")
    assert len(set(prints)) == len(asked)
    assert prints[-1] == prints[0]


@compiled_only
def test_what_was_compiled_lives_as_long_as_the_process(write, load):
    """A state holds an address only, and nothing would tell it that the code is gone."""
    assert load(write(GOOD)).address in plugins._COMPILED


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def mine(row):\n    raise ValueError('no\\nluck')\n", "raises ValueError: no luck"),
        ("def mine(row):\n    return float('nan')\n", "returns nan"),
        ("def mine(row):\n    return 2\n", "returns 2, outside [-1, 1]"),
        ("def mine(row):\n    return -1.5 - 0 * row.obi\n", "returns -1.5, outside [-1, 1]"),
    ],
)
def test_faults_on_every_sample_are_a_complaint_and_left_to_the_quarantine(
    write, load, text, complaint
):
    assert load(write(text)).complaint == complaint


@pytest.mark.parametrize("value", ["row.obi / row.obi", "1.5 if row.bars else 0.0"])
def test_a_fault_on_one_of_the_rows_is_no_complaint(write, load, value):
    """Before the first book everything is 0, and the other market is made up."""
    assert load(write(f"def mine(row):\n    return {value}\n")).complaint == ""


def test_a_function_that_is_compiled_already_is_compiled_anew(write, load):
    """With numba's own settings it would not answer where the kernel calls."""
    name = write("import numba\n\n@numba.njit(fastmath=True)\n" + GOOD)
    assert load(name).complaint == ""


@pytest.mark.parametrize(
    ("text", "asked", "parts"),
    [
        (GOOD, "mien", ("has no function mien", "did you mean mine?")),
        ("mine = 3\n", "mine", ("is no plain function but of type int",)),
        ("class mine:\n    pass\n", "mine", ("is no plain function but of type type",)),
        ("def mine():\n    return 0.0\n", "mine", ("mine()", "one argument, the row")),
        ("def mine(row, book):\n    return 0.0\n", "mine", ("(row, book)", "one argument")),
        ("def mine(row):\n    row.obi = 1.0\n    return 0.0\n", "mine", ("writes to the row",)),
        (
            "def mine(row):\n    row.bid_lots[2] += 1\n    return 0.0\n",
            "mine",
            ("writes to the row",),
        ),
        (
            "import numpy as np\n\ndef mine(row):\n    return np.random.random()\n",
            "mine",
            ("two answers for one row",),
        ),
        ("1 / 0\n", "mine", ("cannot be imported: ZeroDivisionError: division by zero",)),
        ("def mine(row:\n", "mine", ("cannot be imported: SyntaxError",)),
        ("raise SystemExit('bye')\n", "mine", ("cannot be imported: SystemExit: bye",)),
        ("import nowhere.at_all\n", "mine", ("its module needs nowhere",)),
    ],
)
def test_what_cannot_be_a_signal_is_refused_in_one_sentence(write, load, text, asked, parts):
    sentence = refusal(load, write(text, asked))
    for part in parts:
        assert part in sentence


@compiled_only
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("def mine(row):\n    return row.obii\n", ("no field obii", "did you mean obi?")),
        ("def mine(row):\n    return 'up'\n", ("it returns", "not a number")),
        ("def mine(row):\n    x = row.obi\n", ("it returns none, not a number",)),
        ("def mine(row):\n    return open('x')\n", ("Untyped global name 'open'", "(line 2)")),
        ("def mine(row):\n    return row + 1\n", ("does not compile", "(line 2)")),
    ],
)
def test_what_does_not_compile_is_refused_with_the_compilers_first_line(write, load, text, parts):
    sentence = refusal(load, write(text))
    assert "does not compile: " in sentence
    for part in parts:
        assert part in sentence


def test_a_module_that_is_not_there_is_refused_with_the_nearest(write, load, tmp_path):
    write(GOOD, stem="momentum_of_mine")
    sentence = refusal(load, "momentum_of_mien:mine")
    assert "there is no module momentum_of_mien" in sentence
    assert str(tmp_path) in sentence
    assert sentence.endswith("did you mean momentum_of_mine?")


def test_the_sample_rows_are_an_empty_one_and_a_market_that_could_be():
    empty, lively = sample_rows()
    assert not any(empty.tobytes())
    assert lively.dtype == INSTRUMENT_STATE
    assert lively["bid_ticks"][0] < lively["ask_ticks"][0]
    assert lively["mid2_ticks"] == lively["bid_ticks"][0] + lively["ask_ticks"][0]
    assert lively["half_spread_ticks"] == (lively["ask_ticks"][0] - lively["bid_ticks"][0]) / 2
    assert lively["regime_probability"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("head_start", [0, 3])
def test_a_signal_in_quarantine_is_an_alarm_that_names_instrument_and_reason(
    write, load, head_start
):
    """Told once for each instrument, be it in one batch or one after the other."""
    rig = EngineRig()
    install(rig.engine.state, load(write("def mine(row):\n    return 1.0 + row.bid_lots[0]\n")))
    rig.connect()
    for beat in range(30):
        rows = [events.book(0, [(3400 + beat % 2, 60)], [(3402 + beat % 2, 2)])]
        if beat >= head_start:
            rows.append(events.book(1, [(500 + beat % 2, 60)], [(502 + beat % 2, 2)]))
        rig.feed(*rows)
    alarms = [notice for notice in rig.logged if notice.severity == "alarm"]
    assert [(alarm.kind, alarm.instrument) for alarm in alarms] == [
        ("risk", "1_Eisbach"),
        ("risk", "7_ETF"),
    ]
    assert {alarm.text for alarm in alarms} == {
        "your own signal left [-1, 1]: it is out for the rest of the run"
    }
