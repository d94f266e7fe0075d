"""Words to commands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.commands import parse_command
from core.api.words import USAGE
from core.domain.commands import Command, CommandName
from core.domain.errors import ConfigurationError
from tests.unit.serve.fake_host import META


@pytest.mark.parametrize(
    ("line", "name", "args"),
    [
        ("halt", CommandName.HALT, {}),
        ("HALT", CommandName.HALT, {}),
        ("cancel-all", CommandName.CANCEL_ALL, {}),
        ("cancel-everything", CommandName.CANCEL_EVERYTHING, {}),
        ("resume", CommandName.RESUME, {}),
        ("resume --word resume", CommandName.RESUME, {"word": "resume"}),
        ("resume --WORD=Resume", CommandName.RESUME, {"word": "resume"}),
        ("keep", CommandName.KEEP, {}),
        ("keep strategy.min_signal", CommandName.KEEP, {"key": "strategy.min_signal"}),
        ("set strategy.min_signal .3 --for 30s", CommandName.SET,
         {"key": "strategy.min_signal", "value": ".3", "revert_s": "30"}),
        ("set --for=1.5m strategy.min_signal .3", CommandName.SET,
         {"key": "strategy.min_signal", "value": ".3", "revert_s": "90"}),
        ("set strategy.min_signal .3 --for 45", CommandName.SET,
         {"key": "strategy.min_signal", "value": ".3", "revert_s": "45"}),
        ("flatten", CommandName.FLATTEN, {}),
        ("flatten 7_ETF", CommandName.FLATTEN, {"instrument": "7_ETF"}),
        ("cancel 17", CommandName.CANCEL, {"order_id": "17"}),
        ("cancel 4f1c-17", CommandName.CANCEL, {"order_id": "17"}),
        ("buy 7_ETF 4 market", CommandName.BUY,
         {"instrument": "7_ETF", "quantity": "4", "market": "true"}),
        ("buy 7_ETF 4 @ 50 stop 48 target 54", CommandName.BUY,
         {"instrument": "7_ETF", "quantity": "4", "price": "50", "stop": "48", "target": "54"}),
        ("sell 7_ETF 4 target 48 ioc STOP 54", CommandName.SELL,
         {"instrument": "7_ETF", "quantity": "4", "ioc": "true", "stop": "54", "target": "48"}),
        ("protect 7_ETF stop 48", CommandName.PROTECT, {"instrument": "7_ETF", "stop": "48"}),
        ("protect 7_ETF target 54 stop 48", CommandName.PROTECT,
         {"instrument": "7_ETF", "target": "54", "stop": "48"}),
        ("protect 7_ETF off", CommandName.PROTECT, {"instrument": "7_ETF"}),
        ("oco 7 4f1c-9", CommandName.OCO, {"order_id": "7", "other_id": "9"}),
        ("cancel -17", CommandName.CANCEL, {"order_id": "-17"}),
        ("amend 17 12", CommandName.AMEND, {"order_id": "17", "quantity": "12"}),
        ("amend 4f1c-17 @ 50.1", CommandName.AMEND, {"order_id": "17", "price": "50.1"}),
        ("amend -17 12@50.1", CommandName.AMEND,
         {"order_id": "-17", "quantity": "12", "price": "50.1"}),
        ("speed 2.5", CommandName.SPEED, {"value": "2.5"}),
        ("speed max", CommandName.SPEED, {"value": "1000000"}),
        ("speed 0", CommandName.SPEED, {"value": "0"}),
        ("step", CommandName.STEP, {"events": "1"}),
        ("step -12", CommandName.STEP, {"events": "-12"}),
        ("step +3", CommandName.STEP, {"events": "3"}),
        ("seek 14:03:27", CommandName.SEEK, {"where": "14:03:27"}),
        ("seek 14:03:27.250", CommandName.SEEK, {"where": "14:03:27.250"}),
        ("seek 9:05", CommandName.SEEK, {"where": "9:05"}),
        ("seek +30s", CommandName.SEEK, {"where": "+30s"}),
        ("seek -1.5m", CommandName.SEEK, {"where": "-1.5m"}),
        ("seek Start", CommandName.SEEK, {"where": "start"}),
        ("seek -fill", CommandName.SEEK, {"where": "-fill"}),
        ("seek seq 12345", CommandName.SEEK, {"where": "seq 12345"}),
        ("whatif strategy.min_signal .3", CommandName.WHATIF,
         {"key": "strategy.min_signal", "value": ".3"}),
        ("whatif strategy.min_signal .3 @ 14:03", CommandName.WHATIF,
         {"key": "strategy.min_signal", "value": ".3", "where": "14:03"}),
        ("whatif strategy.min_signal .3@seq 9", CommandName.WHATIF,
         {"key": "strategy.min_signal", "value": ".3", "where": "seq 9"}),
        ("whatif cancel", CommandName.WHATIF, {"cancel": "true"}),
        ("set strategy.min_signal .3", CommandName.SET,
         {"key": "strategy.min_signal", "value": ".3"}),
        ("buy 7_ETF 4 @ 50.0", CommandName.BUY,
         {"instrument": "7_ETF", "quantity": "4", "price": "50.0"}),
        ("sell 7_ETF 4@50.0 ioc", CommandName.SELL,
         {"instrument": "7_ETF", "quantity": "4", "price": "50.0", "ioc": "true"}),
        ("sell 7_ETF 4 @50 Post-Only", CommandName.SELL,
         {"instrument": "7_ETF", "quantity": "4", "price": "50", "post_only": "true"}),
        ("buy 7_ETF 4", CommandName.BUY, {"instrument": "7_ETF", "quantity": "4"}),
        ("buy 7_ETF 4 ioc", CommandName.BUY,
         {"instrument": "7_ETF", "quantity": "4", "ioc": "true"}),
        ("buy 7_ETF 1 @ -3.5", CommandName.BUY,
         {"instrument": "7_ETF", "quantity": "1", "price": "-3.5"}),
    ],
)  # fmt: skip
def test_a_well_formed_line(line: str, name: CommandName, args: dict[str, str]) -> None:
    assert parse_command(line, "cli") == Command(name, "cli", 0, args)
    assert parse_command(line.split(), "cli").args == args


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "a command is missing; allowed: halt, resume"),
        ("hlat", "'hlat' is unknown; did you mean 'halt'? allowed: halt, resume, pause"),
        ("cancelall", "did you mean 'cancel-all'?"),
        ("halt now", "halt is written: halt"),
        ("cancel", "cancel is written: cancel ID"),
        ("cancel abc", "order id 'abc' is no number such as 7"),
        ("cancel ²", "is no number"),
        ("buy 7_ETF 4 @ 50 market", "a market order takes at once and has no price"),
        ("buy 7_ETF 4 market post-only", "a market order takes at once and has no price"),
        ("buy 7_ETF 4 @ 50 stop", "stop '' is not a number"),
        ("buy 7_ETF 4 @ 50 stop x", "stop 'x' is not a number"),
        ("buy 7_ETF 4 @ 50 stop 48 stop 47", "buy is written"),
        ("buy 7_ETF 4 @ 50 sto 48", "'sto' is unknown; did you mean 'stop'?"),
        ("protect 7_ETF", "protect is written: protect INSTRUMENT stop P"),
        ("protect 7_ETF 48", "protect is written"),
        ("protect 7_ETF stop 48 off", "protect is written"),
        ("oco 7", "oco is written: oco ID ID"),
        ("oco 7 7", "oco: 7 is one order; two are needed"),
        ("amend 7", "amend is written: amend ID [QUANTITY] [@ PRICE]"),
        ("amend 7 @", "amend is written"),
        ("amend 7 3 4", "amend is written"),
        ("amend 7 @ 50 3", "amend is written"),
        ("amend x 3", "order id 'x' is no number such as 7"),
        ("amend - 3", "order id '-' is no number"),
        ("amend 7 0", "amend: quantity 0 is not above 0; to take an order back: cancel ID"),
        ("amend 7 three", "quantity 'three' is not a number"),
        ("flatten a b", "flatten is written: flatten [INSTRUMENT]"),
        ("set strategy.min_signal", "set is written: set KEY VALUE [--for TIME]"),
        ("set a 1 --for", "set is written: set KEY VALUE [--for TIME]"),
        ("set a 1 --for 1s --for 2s", "set is written"),
        ("set a 1 --for soon", "--for 'soon' is no length of time such as 30s or 5m"),
        ("set a 1 --for -5s", "is no length of time"),
        ("set a 1 --for 0s", "is no length of time"),
        ("set a 1 --form 5s", "'--form' is unknown; did you mean '--for'?"),
        ("resume --wrod resume", "'--wrod' is unknown; did you mean '--word'?"),
        ("resume --word yes", "the word to type is resume, not 'yes'"),
        ("resume now", "resume is written: resume [--word resume]"),
        ("keep a b", "keep is written: keep [KEY]"),
        ("cancel-everthing", "did you mean 'cancel-everything'?"),
        ("set strategy.min_signal high", "'high' is not a number such as 50.0"),
        ("set strategy.min_signal nan", "'nan' is not a number"),
        ("buy 7_ETF", "buy is written: buy INSTRUMENT QUANTITY [@ PRICE]"),
        (
            "buy 7_ETF 4 50.0",
            "buy: '50.0' is unknown; allowed: ioc, post-only, market, stop, target",
        ),
        ("buy 7_ETF 4 post-only", "a post-only order needs a price"),
        ("buy 7_ETF 4 @ 50 @ 51", "'@' is unknown"),
        ("buy 7_ETF @ 50", "quantity '@' is not a number"),
        ("buy 7_ETF 4 @", "buy is written"),
        ("buy 7_ETF four @ 50", "quantity 'four' is not a number"),
        ("buy 7_ETF -4 @ 50", "quantity -4 is not above 0; the side is said by buy or sell"),
        ("buy 7_ETF 0 @ 50", "quantity 0 is not above 0"),
        ("buy 7_ETF 4 @ inf", "price 'inf' is not a number"),
        ("buy 7_ETF 4 @ 1_0", "price '1_0' is not a number"),
        ("buy 7_ETF 4 @ 50 postonly", "'postonly' is unknown; did you mean 'post-only'?"),
        ("buy 7_ETF 4 @ 50 ioc post-only", "ioc takes at once and post-only never takes"),
        ("speed -1", "-1 is negative; 0 pauses"),
        ("speed fast", "'fast' is not a number"),
        ("buy 7_ETF 4 @ 1e999", "price '1e999' is not a number"),
        ("set a " + "9" * 40, "is not a number"),
        ("step 0", "step: 0 goes nowhere; 1 is the next event, -1 the one before"),
        ("step 1.5", "'1.5' is not a number of events such as 1 or -10"),
        ("step 1 2", "'1 2' is not a number of events"),
        ("step " + "9" * 13, "is not a number of events"),
        ("seek", "seek: a place is missing; seek WHERE: 14:03:27 (UTC), +30s"),
        ("seek noon", "seek: 'noon' is no place; seek WHERE"),
        ("seek 30s", "'30s' is no place"),
        ("seek +fill", "'+fill' is no place"),
        ("whatif a", "whatif is written: whatif KEY VALUE [@ WHERE], or whatif cancel"),
        ("whatif a 1 @", "whatif is written"),
        ("whatif a 1 14:03", "whatif is written"),
        ("whatif a 1 @ noon", "whatif: 'noon' is no place"),
        ("whatif a b", "whatif: a 'b' is not a number"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(line: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_command(line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set strategy.min_signl 0.3", "unknown; did you mean 'strategy.min_signal'?"),
        ("keep strategy.min_signl", "keep: parameter 'strategy.min_signl' is unknown; did you"),
        ("set strategy.min_signal 1.5", "strategy.min_signal = 1.5 is not within 0 to 1"),
        ("whatif strategy.min_signal 1.5", "whatif: strategy.min_signal = 1.5 is not within 0"),
        ("whatif strategy.min_signl 1", "whatif: parameter 'strategy.min_signl' is unknown; did"),
        ("set risk.max_exposure_pct 0.5", "0.5 is not within 1 to 100 %"),
        ("buy 7_ETFF 4 @ 50", "'7_ETFF' is not traded here; did you mean '7_ETF'?"),
        ("flatten gold", "'gold' is not traded here; allowed: 1_Eisbach, 7_ETF, BTCUSDT"),
    ],
)
def test_with_a_run_known_keys_and_bounds_are_checked(line: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_command(line, meta=META)
    assert said in str(caught.value)


def test_an_instrument_is_found_in_any_case() -> None:
    assert parse_command("flatten btcusdt", meta=META).args == {"instrument": "BTCUSDT"}


def test_every_command_has_its_usage() -> None:
    assert set(USAGE) == set(CommandName)


@given(st.text(max_size=60), st.sampled_from([None, META]))
def test_any_text_is_a_command_or_refused(text: str, meta) -> None:
    """Nothing that is typed can raise anything but ConfigurationError."""
    with suppress(ConfigurationError):
        parse_command(text, meta=meta)


@given(
    st.sampled_from(list(CommandName)),
    st.lists(st.sampled_from(["7_ETF", "4", "@", "50", "ioc", "-", "e5", "1e999", "x"])),
)
def test_any_order_of_words_is_a_command_or_refused(name: CommandName, words) -> None:
    """Known words in unknown places are the likelier mistake."""
    with suppress(ConfigurationError):
        parse_command([name.value, *words], meta=META)
