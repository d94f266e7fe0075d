"""What a live engine could only halt for is refused before it starts."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.strategies.probe import refuse_unfit

GOOD = """
print("hello from the import")

class Mine:
    def on_book(self, context, symbol):
        return None
"""
TRADER = "class Mine:\n    def run(self, state):\n        return {}, 0, ''\n"
ENDLESS = "while True:\n    pass\n"
DYING = "import os\nos._exit(3)\n"
NEEDY = "class Mine:\n    def __init__(self, book): pass\n    def on_book(self, c, s): pass\n"
BROKEN = "import no_such_package\n"


@pytest.fixture
def probe(tmp_path):
    def run(source, limit_s=60.0):
        (tmp_path / "probed.py").write_text(source)
        refuse_unfit("probed:Mine", [tmp_path], limit_s)

    return run


def test_a_strategy_with_handlers_is_let_through(probe, capfd):
    probe(GOOD)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (TRADER, "is an IMC Trader, which trades recorded days only"),
        (NEEDY, "cannot be made without arguments"),
        (BROKEN, "no_such_package"),
        (DYING, "ended the process that made it"),
    ],
)
def test_what_cannot_run_live_is_refused_with_a_sentence(probe, source, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        probe(source)


def test_one_that_is_never_ready_is_not_waited_for(probe):
    with pytest.raises(ConfigurationError, match="is not ready after"):
        probe(ENDLESS, 1.0)
