"""Real money needs a flag and a word, both from the command line."""

from __future__ import annotations

import pytest

from core.domain.enums import Mode
from core.domain.errors import ConfigurationError
from core.settings.live_guard import check_live, live_word
from core.settings.loader import load_settings

FLAG, WORD = "venue.live=true", "venue.confirm_live=KRAKEN-REAL-MONEY"


def settings(*overrides, profile="kraken-live", files=()):
    return load_settings(profile, files, overrides).settings


def test_real_money_without_the_flag_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="say --live if that is meant") as refused:
        check_live(settings())
    assert "REAL MONEY: orders of profile kraken-live go to kraken" in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("word", ["", "kraken-real-money", "yes"])
def test_real_money_without_the_word_is_refused_and_the_word_is_shown(word) -> None:
    with pytest.raises(ConfigurationError, match="--confirm-live KRAKEN-REAL-MONEY"):
        check_live(settings(FLAG, f"venue.confirm_live={word}"))


def test_with_flag_and_word_it_may_be_traded() -> None:
    check_live(settings(FLAG, WORD))


def test_a_file_cannot_say_either(tmp_path) -> None:
    for line in ("live = true", 'confirm_live = "KRAKEN-REAL-MONEY"'):
        path = tmp_path / "mine.toml"
        path.write_text(f"[venue]\n{line}\n")
        with pytest.raises(ConfigurationError, match=r"is not set in files; say --live"):
            settings(files=[path])


@pytest.mark.parametrize(
    ("profile", "mode"),
    [
        ("paper-binance", Mode.PAPER),
        ("paper-kraken", Mode.PAPER),
        ("paper-coinbase", Mode.PAPER),
        ("paper-bybit", Mode.PAPER),
        ("paper-hyperliquid", Mode.PAPER),
        ("binance-testnet", Mode.TESTNET),
        ("practice", Mode.SIM),
    ],
)
def test_play_money_needs_no_word(profile, mode) -> None:
    loaded = settings(profile=profile)
    assert loaded.mode is mode
    assert live_word(loaded) == ""
    check_live(loaded)


@pytest.mark.parametrize(
    ("profile", "override", "sentence"),
    [
        ("kraken-live", "mode=PAPER", 'puts at stake: mode = "LIVE"'),
        ("binance-testnet", "mode=LIVE", 'puts at stake: mode = "TESTNET"'),
        ("practice", "mode=LIVE", "needs a real venue"),
        ("paper-kraken", "venue.live=true", "trades no real money"),
        ("paper-kraken", "venue.market=", 'kind = "paper" names the market'),
        ("kraken-live", "venue.network=testnet", "Kraken has none for spot"),
    ],
)
def test_a_mode_that_hides_what_is_at_stake_is_refused(profile, override, sentence) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        settings(override, profile=profile)
