"""The cockpit's own settings: what ships, what a person lays over it, and what is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.keymap import KEYS
from cockpit.settings.listing import BUILT_IN, cockpit_table
from cockpit.settings.loader import load_cockpit_settings, shipped_settings, user_file
from cockpit.settings.model import CockpitSettings, PaneName, ThemeName
from cockpit.styles.themes import THEMES
from cockpit.viewmodels.panes import DEFAULT_ORDER, PANES
from core.domain.errors import ConfigurationError
from core.tables.paths import config_dir


def load(tmp_path: Path, *texts: str, own: str = "") -> CockpitSettings:
    """Settings with files of these texts over the shipped ones."""
    paths = []
    for number, text in enumerate((own, *texts)):
        path = tmp_path / f"mine{number}.toml"
        path.write_text(text)
        paths.append(path)
    return load_cockpit_settings(paths[1:], own=paths[0]).settings


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, text)
    assert refused.value.exit_code == 2
    said = str(refused.value)
    assert said.startswith(f"{tmp_path}/mine1.toml: ")
    assert said.isprintable()
    return said.removeprefix(f"{tmp_path}/mine1.toml: ")


def test_what_ships_is_what_was_always_there() -> None:
    settings = shipped_settings()
    assert (settings.theme, settings.fps) == ("dark", 10.0)
    assert dict(settings.keymap.keys) == KEYS
    assert settings.pane_order == DEFAULT_ORDER
    assert [rule.when for rule in settings.alert_rules] == [
        "state", "stale", "drawdown_pct > 10", "unknown_orders > 0", "reject", "command",
    ]  # fmt: skip


def test_words_of_the_settings_are_those_of_the_program() -> None:
    assert set(get_args(ThemeName)) == set(THEMES)
    assert get_args(PaneName) == PANES


def test_the_shipped_file_names_every_setting() -> None:
    """It is what a person copies from."""
    tree = tomllib.loads((config_dir() / "cockpit.toml").read_text(encoding="utf-8"))
    assert set(tree) == set(CockpitSettings.model_fields)


def test_files_lie_over_the_users_own_and_that_over_what_ships(tmp_path) -> None:
    settings = load(
        tmp_path, "fps = 4\n[keys]\nwhy = 'Y'", "fps = 2", own='theme = "light"\nfps = 7'
    )
    assert (settings.theme, settings.fps, settings.ascii) == ("light", 2.0, "auto")
    assert settings.keymap.keys_of("why") == ["Y"]


def test_a_file_that_sets_one_key_leaves_those_of_another(tmp_path) -> None:
    settings = load(tmp_path, '[keys]\nwhy = "Y"', own='[keys]\norders = "O"\nwhy = "W"')
    assert settings.keymap.keys_of("orders") == ["O"]
    assert settings.keymap.keys_of("why") == ["Y"]


def test_own_rules_replace_those_that_ship(tmp_path) -> None:
    text = '[[alerts.rules]]\nwhen = "price 7_ETF > 55"\ntext = "sell"\n'
    (rule,) = load(tmp_path, text).alert_rules
    assert (rule.when, rule.level, rule.bell, rule.text) == (
        "price 7_ETF > 55", "warning", False, "sell",
    )  # fmt: skip


def test_hidden_panes_come_through(tmp_path) -> None:
    order = load(tmp_path, '[panes]\nhidden = ["obi"]').pane_order
    assert (order.order, order.hidden) == (PANES, frozenset({"obi"}))


def test_the_users_file_is_where_xdg_says(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert user_file() == tmp_path / "imc-cockpit" / "cockpit.toml"
    assert load_cockpit_settings().settings.theme == "dark"
    user_file().parent.mkdir()
    user_file().write_text('theme = "light"')
    assert load_cockpit_settings().settings.theme == "light"
    assert shipped_settings().theme == "dark"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_file() == tmp_path / ".config" / "imc-cockpit" / "cockpit.toml"


ORDER = '["pnl", "obi", "book", "regime", "signals", "positions", "why"'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('theme = "drak"', 'theme = "drak" is not one of dark, light,'),
        ('theme = "drak"', "did you mean dark?"),
        ('themee = "dark"', "themee is not a setting; did you mean theme?"),
        ("ascii = true", "ascii = true is not one of auto, always, never"),
        ("fps = 100", "fps = 100 is above 30 (allowed: 0.5 to 30)"),
        ('fps = "fast"', 'fps = "fast" must be a number (allowed: 0.5 to 30)'),
        ("reduced_motion = 1", "reduced_motion = 1 must be true or false"),
        ("[keys", "not valid TOML"),
        ("keys = 3", "keys = 3 must be a table"),
        ("[keys]\nhalt = 3", "keys.halt = 3 is refused: write a key such as"),
        ("[keys]\nhalt = [3]", "keys.halt.1 = 3 must be text"),
        ("[keys]\nhalt = []", "keys.halt = [] leaves safe mode without a key"),
        ("[keys]\norders = 'p'", "keys.orders and toggle-pause (default) are both p"),
        ("[keys]\nordrs = 'z'", "keys.ordrs is not an action; did you mean orders?"),
        ("[keys]\norders = 'pgup'", 'keys.orders = "pgup" is not a key; did you mean pageup?'),
        (f'[panes]\norder = {ORDER}, "trads"]', 'panes.order.8 = "trads" is not one of pnl,'),
        (f"[panes]\norder = {ORDER}]", "panes.order lacks trades; name all 8, and hide one with"),
        (f'[panes]\norder = {ORDER}, "why"]', "panes.order names why twice"),
        (f'[panes]\nhidden = {ORDER}, "trades"]', "panes.hidden names every pane"),
        ("[trading]\nlock_after_s = 1", "trading.lock_after_s = 1 is below 5 (allowed: 5 to 3600)"),
        ("[trading]\nsize_presets = [5, 1]", "for example [1, 5]"),
        ("[trading]\nsize_presets = [1, 1]", "must grow from left to right"),
        ("[trading]\nsize_presets = [0]", "trading.size_presets.1 = 0 is below 1"),
        ("[trading]\nsize_presets = [1.5]", "trading.size_presets.1 = 1.5 must be a whole number"),
        ("alerts = 3", "alerts = 3 must be a table"),
        ("[alerts]\nrules = 3", "alerts.rules = 3 must be a list"),
        ("[[alerts.rules]]\nbell = true", "alerts.rules.1.when is missing"),
        (
            "[[alerts.rules]]\nwhen = 'fill'\n[[alerts.rules]]\nwhen = 'fil'",
            'alerts.rules.2.when = "fil" is refused: nothing of that name is watched; did you',
        ),
        (
            "[[alerts.rules]]\nwhen = 'fill'\nlevell = 'info'",
            "alerts.rules.1.levell is not a setting; did you mean alerts.rules.1.level?",
        ),
        ("[[alerts.rules]]\nwhen = 'fill'\nlevel = 'loud'", "is not one of info, warning, alarm"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_key_value_and_what_is_allowed(
    tmp_path, text, sentence
) -> None:
    assert sentence in refusal(tmp_path, text)


def test_a_file_that_is_named_has_to_be_there(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_cockpit_settings([tmp_path / "nowhere.toml"])


SCALARS = st.one_of(
    st.booleans(), st.integers(-5, 200), st.floats(allow_nan=False), st.text(max_size=8),
    st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=3),
)  # fmt: skip


@given(st.sampled_from(sorted(CockpitSettings.model_fields)), SCALARS)
def test_any_value_is_taken_or_refused_in_a_line(tmp_path_factory, key, value) -> None:
    """Lists, texts and numbers where they do not belong are sentences, not tracebacks."""
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    path = tmp_path_factory.mktemp("any") / "any.toml"
    path.write_text(f"{key} = {shown}\n", encoding="utf-8")
    try:
        load_cockpit_settings([path])
    except ConfigurationError as error:
        said = str(error)
    else:
        return
    assert "any.toml" in said
    assert said.isprintable()


def test_the_table_shows_every_setting_with_its_origin(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('fps = 4\n[keys]\nhalt = ["s", "f12"]\nheatmap = []\n')
    rows = {row["key"]: row for row in cockpit_table([path])}
    assert rows["cockpit.fps"]["value"] == "4.0"
    assert rows["cockpit.fps"]["origin"] == str(path)
    assert rows["cockpit.theme"]["origin"] == "config/cockpit.toml"
    assert rows["cockpit.alerts.rules"]["value"] == "6 rules"
    assert rows["cockpit.keys.halt"]["value"] == '["s", "f12"]'
    assert rows["cockpit.keys.halt"]["origin"] == str(path)
    assert rows["cockpit.keys.heatmap"]["value"] == "[]"
    assert rows["cockpit.keys.quit"]["origin"] == BUILT_IN
    assert all(row["meaning"] for row in rows.values())
