"""Layers of settings, and the one line that says what is wrong with them."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import Mode, Signal
from core.domain.errors import ConfigurationError
from core.settings.loader import (
    load_settings,
    profile_names,
    profile_path,
    settings_hash,
)
from core.tables.paths import config_dir


def refusal(*overrides: str, files: tuple[Path, ...] = ()) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings("practice", files, overrides)
    return str(caught.value)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the user's own, in the folder he works in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine.toml"


def test_defaults_are_those_of_the_design() -> None:
    risk = load_settings().settings.risk
    assert risk.max_position_pct == 20
    assert risk.max_exposure_pct == 80
    assert risk.drawdown_reduce_pct == 15
    assert risk.drawdown_halt_pct == 25


def test_without_a_name_the_profile_is_practice() -> None:
    settings = load_settings().settings
    assert settings.profile == "practice"
    assert settings.mode is Mode.SIM
    assert settings.venue.kind == "practice"
    assert settings.venue.start_exchange


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_that_ships_loads(name: str) -> None:
    loaded = load_settings(name)
    assert loaded.settings.profile == name
    assert loaded.origins["profile"] == "--profile"


def test_each_layer_overrules_the_one_before(mine: Path) -> None:
    """Defaults, profile, file, flag: the last one that names a key wins, key by key."""
    mine.write_text("[account]\ncurrency = 'CHF'\n[risk]\nmax_order_lots = 7\nstale_book_ms = 70\n")
    loaded = load_settings("prosperity", [mine], ["risk.stale_book_ms=71"])
    assert loaded.settings.risk.max_exposure_pct == 80
    assert loaded.settings.account.capital == 10_000_000
    assert loaded.settings.account.currency == "CHF"
    assert loaded.settings.risk.max_order_lots == 7
    assert loaded.settings.risk.stale_book_ms == 71
    assert loaded.origins["risk.max_exposure_pct"] == "config/defaults.toml"
    assert loaded.origins["account.capital"] == "config/profiles/prosperity.toml"
    assert loaded.origins["risk.max_order_lots"] == "mine.toml"
    assert loaded.origins["risk.stale_book_ms"] == "--set"


def test_a_later_file_overrules_an_earlier_one(mine: Path) -> None:
    other = mine.with_name("other.toml")
    mine.write_text("[venue]\nseed = 3\n")
    other.write_text("[venue]\nseed = 4\n")
    assert load_settings(None, [mine, other]).settings.venue.seed == 4
    assert load_settings(None, [other, mine]).settings.venue.seed == 3


def test_a_flag_takes_toml_values_and_bare_words() -> None:
    overrides = ["account.currency=CHF", "account.capital=12.5", "venue.start_exchange=false"]
    settings = load_settings(None, (), [*overrides, " venue.seed = 0x10 "]).settings
    assert settings.account.currency == "CHF"
    assert settings.account.capital == Decimal("12.5")
    assert settings.account.capital_nanos == 12_500_000_000
    assert not settings.venue.start_exchange
    assert settings.venue.seed == 16


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (
            "risk.max_positon_pct=3",
            "--set: risk.max_positon_pct is not a setting; did you mean risk.max_position_pct?",
        ),
        (
            "max_order_lots=3",
            "--set: max_order_lots is not a setting; did you mean risk.max_order_lots?",
        ),
        (
            "zzz=1",
            "--set: zzz is not a setting; known: those that `imc-cockpit config show` lists",
        ),
        (
            "risk.max_position_pct=900",
            "--set: risk.max_position_pct = 900 is above 100 (allowed: 0.1 to 100)",
        ),
        (
            "risk.max_order_lots=0",
            "--set: risk.max_order_lots = 0 is below 1 (allowed: 1 to 1000000)",
        ),
        (
            "risk.max_position_pct=true",
            "--set: risk.max_position_pct = true must be a number (allowed: 0.1 to 100)",
        ),
        (
            "risk.max_order_lots=2.5",
            "--set: risk.max_order_lots = 2.5 must be a whole number (allowed: 1 to 1000000)",
        ),
        (
            "strategy.min_signal=nan",
            "--set: strategy.min_signal = nan must be a finite number (allowed: 0 to 1)",
        ),
        (
            "strategy.min_signal=inf",
            "--set: strategy.min_signal = inf must be a finite number (allowed: 0 to 1)",
        ),
        (
            "strategy.min_signal=5%",
            '--set: strategy.min_signal = "5%" must be a number (allowed: 0 to 1)',
        ),
        ("risk=3", "--set: risk = 3 must be a table"),
        (
            "risk.stale_book_ms={a=1}",
            "--set: risk.stale_book_ms = a table must be a whole number (allowed: 10 to 600000)",
        ),
        (
            "mode=live",
            (
                '--set: mode = "live" is not one of SIM, PAPER, REPLAY, TESTNET, LIVE; '
                "did you mean LIVE?"
            ),
        ),
        ("log.level=loud", '--set: log.level = "loud" is not one of DEBUG, INFO, WARNING, ERROR'),
        ("venue.start_exchange=1", "--set: venue.start_exchange = 1 must be true or false"),
        ("account.currency=3", "--set: account.currency = 3 must be text"),
        (
            "venue.url=ftp://x",
            (
                '--set: venue.url = "ftp://x" does not fit: Address without user, password and '
                "query: `ws://`, for cmi `http://`; empty if recorded"
            ),
        ),
        (
            "venue.url=http://x",
            (
                '--set: venue.url = "http://x" is no address for kind = "practice", '
                "which needs one that begins with ws:// or wss://"
            ),
        ),
        ("profile=x", '--set: profile is not set in files; choose it with --profile "x"'),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(override: str, sentence: str) -> None:
    assert refusal(override) == sentence


@pytest.mark.parametrize(
    ("override", "fragment"),
    [
        (
            "risk.drawdown_reduce_pct=30",
            "risk.drawdown_reduce_pct = 30 must be below drawdown_halt_pct = 25",
        ),
        (
            "risk.drawdown_halt_pct=15",
            "risk.drawdown_reduce_pct = 15 must be below drawdown_halt_pct = 15",
        ),
        (
            "risk.max_exposure_pct=10",
            "risk.max_position_pct = 20 is above max_exposure_pct = 10",
        ),
        ("strategy.take_signal=0.1", "strategy.take_signal = 0.1 is below min_signal = 0.15"),
        ("venue.url=''", 'venue.url = "" is empty'),
        ("venue.kind=recorded", 'venue.start_exchange = true needs kind = "practice"'),
        ("mode=LIVE", 'mode = "LIVE" needs a real venue'),
    ],
)
def test_a_contradiction_names_both_keys_and_the_layer_that_made_it(
    override: str, fragment: str
) -> None:
    sentence = refusal(override)
    assert sentence.startswith("--set: ")
    assert fragment in sentence


def test_a_strategy_without_any_weight_is_refused() -> None:
    sentence = refusal(*(f"signals.weight_{signal.name.lower()}=0" for signal in Signal))
    assert "nothing would ever be traded" in sentence


def test_a_password_in_the_address_is_refused() -> None:
    """Addresses are shown on the screen and written into journals."""
    assert "without user, password and query" in refusal("venue.url=ws://me:secret@host/x")


@pytest.mark.parametrize("override", ["risk", "risk.=3", "=3", ".a=1", "a\nb=1", "a\ud800=1", ""])
def test_a_flag_of_the_wrong_form_shows_the_right_one(override: str) -> None:
    assert "is not of the form path.to.key=value" in refusal(override)


def test_a_line_break_in_a_flag_begins_no_second_key() -> None:
    assert refusal("venue.seed=3\nspeed=4").startswith("--set: ")


def test_an_unknown_key_names_its_file(mine: Path) -> None:
    mine.write_text("[risk]\nmax_positon_pct = 3\n")
    assert refusal(files=(mine,)) == (
        "mine.toml: risk.max_positon_pct is not a setting; did you mean risk.max_position_pct?"
    )


def test_a_bad_value_names_the_file_that_holds_it(mine: Path) -> None:
    mine.write_text("[risk]\nmax_exposure_pct = 1_000\n")
    assert refusal("venue.seed=3", files=(mine,)) == (
        "mine.toml: risk.max_exposure_pct = 1000 is above 100 (allowed: 0.1 to 100)"
    )


def test_a_key_cannot_steer_the_terminal(mine: Path) -> None:
    mine.write_text('"\\u001b[2J" = 1\n')
    assert refusal(files=(mine,)).startswith("mine.toml: \\x1b[2J is not a setting")


def test_several_bad_values_are_counted(mine: Path) -> None:
    mine.write_text("[risk]\nmax_exposure_pct = 1_000\nmax_order_lots = 0\n")
    assert refusal(files=(mine,)).endswith("(and 1 more)")


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b"[risk]\nmax_order_lots = = 3\n", "mine.toml: not valid TOML: Invalid value (at line 2"),
        (b"[risk]\n[risk]\n", "mine.toml: not valid TOML: Cannot declare"),
        (b"\xff\xfe", "mine.toml: not UTF-8 text at byte 0"),
        (b"a = " + b"[" * 5_000, "mine.toml: not valid TOML: nested too deeply"),
        (b"[venue]\nseed = " + b"9" * 5_000, "mine.toml: not valid TOML: Exceeds the limit"),
    ],
)
def test_text_that_is_no_toml_names_file_and_line(
    mine: Path, content: bytes, fragment: str
) -> None:
    mine.write_bytes(content)
    assert refusal(files=(mine,)).startswith(fragment)


def test_a_missing_file_is_named(mine: Path) -> None:
    assert refusal(files=(mine,)) == "mine.toml: cannot be read: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(files=(tmp_path,))


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings("practise")
    assert str(caught.value) == (
        '--profile: "practise" is not a profile; '
        "known: binance, binance-live, binance-testnet, cmi, kraken-live, london, munich, "
        "paper-binance, paper-bybit, paper-coinbase, paper-hyperliquid, paper-kraken, paper-two, "
        "practice, prosperity, prosperity-trader; did you mean practice?"
    )


def test_a_profile_cannot_be_a_path() -> None:
    with pytest.raises(ConfigurationError, match="is not a profile"):
        profile_path("../defaults")


def test_a_default_that_is_missing_is_an_error_and_not_a_guess(tmp_path: Path) -> None:
    shutil.copytree(config_dir(), tmp_path / "config")
    defaults = tmp_path / "config" / "defaults.toml"
    text = defaults.read_text(encoding="utf-8")
    defaults.write_text(text.replace("max_orders_per_s", "# max_orders_per_s"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"risk\.max_orders_per_s is missing"):
        load_settings("practice", folder=tmp_path / "config")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings().settings
    with pytest.raises(ValueError, match="frozen"):
        settings.risk.max_order_lots = 1_000  # type: ignore[misc]  the point of the test


def test_the_hash_names_the_values_and_not_how_they_were_written() -> None:
    million = load_settings("practice", (), ["account.capital=1_000_000"]).settings
    same = load_settings("practice", (), ["account.capital=1e6"]).settings
    other = load_settings("practice", (), ["account.capital=1_000_001"]).settings
    assert settings_hash(million) == settings_hash(same)
    assert settings_hash(million) != settings_hash(other)
    assert len(settings_hash(million)) == 16


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_flag_ends_in_settings_or_in_one_line(path: str, value: str) -> None:
    """Whatever is typed: no traceback, no second line."""
    line = ""
    try:
        load_settings("practice", (), [f"{path}={value}", f"risk.max_order_lots={value}"])
    except ConfigurationError as error:
        line = str(error)
    assert line.isprintable()


@pytest.mark.parametrize(
    "override",
    [
        "venue.url=wss://host/x?token=tr-9f2c",
        "venue.url=wss://host?tr-9f2c",
        "venue.url=wss://host/#tr-9f2c",
        "venue.url=wss://me:tr-9f2c@host/",
        "venue.api_key_env=tr-9f2c",
    ],
)
def test_a_key_in_the_wrong_place_is_refused_and_not_repeated(override: str) -> None:
    sentence = refusal(override)
    assert override.partition("=")[0] in sentence
    assert "9f2c" not in sentence


def test_a_port_that_cannot_be_is_refused() -> None:
    assert "url is no address" in refusal("venue.url=ws://host:99999")
