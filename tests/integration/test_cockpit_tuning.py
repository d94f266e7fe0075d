"""Parameters by key: undo, steps from the main screen, history, and a profile to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cockpit import tuner
from cockpit.screens.base import Dialog
from cockpit.screens.main import MainScreen
from core.api.topics import NoteLine, Notes, Topic
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.snapshot import TrialView
from core.settings.loader import load_settings
from tests.integration.test_cockpit_keys import cockpit, names, shown, until
from tests.unit.cockpit.fake_engine import (
    NS,
    PARAMETERS,
    START_NS,
    FakeEngine,
    make_meta,
    make_snapshot,
    make_telemetry,
)

SIGNAL = "strategy.min_signal"
"""0.35 in the fake, from 0 to 1 in steps of 0.02."""


@pytest.fixture(autouse=True)
def quick_fingers(monkeypatch) -> None:
    """Dialogs hear at once."""
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 0.0)


class SettingEngine(FakeEngine):
    """A fake whose parameters are what they are set to, as its next snapshot says."""

    def __init__(self, refusal: str = "") -> None:
        super().__init__(make_snapshot())
        self.values = list(make_snapshot().parameters)
        self.refusal = refusal
        self.trials: tuple[TrialView, ...] = ()

    async def send(self, command: Command) -> CommandResult:
        self.commands.append(command)
        if self.refusal:
            return CommandResult(command.request_id, accepted=False, text=self.refusal)
        if command.name is CommandName.SET:
            self.become(command.args["key"], float(command.args["value"]))
        return CommandResult(command.request_id, accepted=True, text=f"{command.name}: done")

    def become(self, key: str, value: float) -> None:
        """Be set by anybody."""
        self.values[[spec.key for spec in PARAMETERS].index(key)] = value
        telemetry = make_telemetry(trials=self.trials)
        self.push(make_snapshot(parameters=tuple(self.values), telemetry=telemetry))

    def sets(self) -> list[dict[str, str]]:
        """What every `set` asked for."""
        return [c.args for c in self.commands if c.name is CommandName.SET]


def is_set(app, key: str, value: float) -> Callable[[], bool]:
    return lambda: app.view.parameter(key) == value


async def draft_and_apply(pilot: Pilot, app, key: str = SIGNAL, value: float = 0.38) -> None:
    """Open the page, step, apply, and go back."""
    await pilot.press("t", "right", "a")
    await until(pilot, is_set(app, key, value))
    await pilot.press("t")
    assert isinstance(app.screen, MainScreen)


async def test_undo_sets_what_was_there_before_and_says_so() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await draft_and_apply(pilot, app)
        await pilot.press("U")
        await until(pilot, is_set(app, SIGNAL, 0.35))
        assert engine.sets()[-1] == {"key": SIGNAL, "value": "0.35"}
        await until(pilot, lambda: f"undone: {SIGNAL} 0.38 → 0.35" in shown(app))
        await pilot.press("U")
        await until(pilot, lambda: "nothing to undo" in shown(app))
        assert len(engine.sets()) == 2


async def test_undo_takes_changes_back_newest_first() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right", "down", "right", "a")
        await until(pilot, lambda: len(engine.sets()) == 2)
        first, second = engine.sets()
        await until(pilot, is_set(app, second["key"], float(second["value"])))
        await pilot.press("U")
        await until(pilot, lambda: len(engine.sets()) == 3)
        assert engine.sets()[2]["key"] == second["key"]
        await until(pilot, lambda: "1 more" in shown(app))
        await pilot.press("U")
        await until(pilot, lambda: len(engine.sets()) == 4)
        assert engine.sets()[3] == {"key": first["key"], "value": "0.35"}


async def test_what_somebody_else_has_changed_since_is_not_undone() -> None:
    """Two people at one engine: undo must not overwrite what the other one decided."""
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await draft_and_apply(pilot, app)
        engine.become(SIGNAL, 0.5)
        await until(pilot, is_set(app, SIGNAL, 0.5))
        await pilot.press("U")
        await until(pilot, lambda: f"not undone: {SIGNAL} is 0.5 by now" in shown(app))
        assert len(engine.sets()) == 1


async def test_what_was_refused_is_nothing_to_undo_and_a_refused_undo_stays_one() -> None:
    engine = SettingEngine("strategy.min_signal is not allowed here")
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right", "a")
        await until(pilot, lambda: "is not allowed here" in shown(app))
        await pilot.press("U")
        await until(pilot, lambda: "nothing to undo" in shown(app))
        engine.refusal = ""
        await pilot.press("right", "a")
        await until(pilot, lambda: app.view.parameter(SIGNAL) != 0.35)
        engine.refusal = "not now"
        await pilot.press("U")
        await until(pilot, lambda: "not undone: not now" in shown(app))
        engine.refusal = ""
        await pilot.press("U")
        await until(pilot, is_set(app, SIGNAL, 0.35))


async def test_steps_need_a_parameter_that_was_chosen() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("A", "right_parenthesis")
        await until(pilot, lambda: "no parameter is chosen: t lists them" in shown(app))
        assert not engine.commands


async def test_steps_are_locked_until_trading_keys_are_armed() -> None:
    """A key that falls on the keyboard must not change how money is traded."""
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "asterisk", "t", "right_parenthesis", "left_parenthesis")
        await until(pilot, lambda: "trading keys are locked" in shown(app))
        assert not engine.commands


@pytest.mark.parametrize(
    ("key", "value"), [("right_parenthesis", 0.38), ("left_parenthesis", 0.34)]
)
async def test_a_step_is_a_trial_that_says_old_and_new_and_one_key_takes_back(key, value) -> None:
    """0.35 lies between two steps: the first one leads onto the grid."""
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "asterisk")
        await until(pilot, lambda: f"( and ) step {SIGNAL} from the main screen" in shown(app))
        assert "▸*min_signal" in shown(app)
        await pilot.press("t", "A", key)
        await until(pilot, lambda: len(engine.sets()) == 1)
        asked = engine.sets()[0]
        assert (asked["key"], asked["revert_s"]) == (SIGNAL, "60")
        assert float(asked["value"]) == value
        await until(pilot, lambda: f"{SIGNAL} 0.35 → {value} for 60 s" in shown(app))
        await pilot.press("U")
        await until(pilot, is_set(app, SIGNAL, 0.35))


async def test_steps_in_a_row_are_undone_as_one() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "asterisk", "t", "A")
        for count in (1, 2, 3):
            await pilot.press("right_parenthesis")
            await until(pilot, lambda count=count: len(engine.sets()) == count)
            wanted = float(engine.sets()[-1]["value"])
            await until(pilot, is_set(app, SIGNAL, wanted))
            await until(pilot, lambda wanted=wanted: f"→ {wanted:g} for" in shown(app))
        values = [float(asked["value"]) for asked in engine.sets()]
        assert values == sorted(set(values))
        await pilot.press("U")
        await until(pilot, is_set(app, SIGNAL, 0.35))


async def test_a_held_key_waits_for_each_step_to_be_seen(monkeypatch) -> None:
    """Without that, ten repeats of one key would ask for the same value ten times."""
    monkeypatch.setattr(tuner, "PATIENCE_S", 600.0)
    engine = FakeEngine(make_snapshot())
    async with cockpit(engine) as (_, pilot):
        await pilot.press("t", "asterisk", "t", "A", *["right_parenthesis"] * 10)
        await until(pilot, lambda: bool(engine.commands))
        assert names(engine) == [CommandName.SET]


async def test_a_step_that_is_never_seen_does_not_lock_the_key(monkeypatch) -> None:
    monkeypatch.setattr(tuner, "PATIENCE_S", 0.0)
    engine = FakeEngine(make_snapshot())
    async with cockpit(engine) as (_, pilot):
        await pilot.press("t", "asterisk", "t", "A", "right_parenthesis", "right_parenthesis")
        await until(pilot, lambda: len(engine.commands) == 2)


async def test_a_step_back_to_where_the_trial_began_ends_it() -> None:
    """The engine refuses to try the value that it would go back to."""
    engine = SettingEngine()
    engine.trials = (TrialView(SIGNAL, 0.38, 0.36, 41.0),)
    async with cockpit(engine) as (app, pilot):
        engine.become(SIGNAL, 0.38)
        await until(pilot, is_set(app, SIGNAL, 0.38))
        await pilot.press("t", "asterisk", "t", "A", "left_parenthesis")
        await until(pilot, lambda: bool(engine.sets()))
        assert engine.sets() == [{"key": SIGNAL, "value": "0.36"}]


async def test_a_step_beyond_the_bounds_is_said_and_not_sent() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        engine.become(SIGNAL, 1.0)
        await until(pilot, is_set(app, SIGNAL, 1.0))
        await pilot.press("t", "asterisk", "t", "A", "right_parenthesis")
        await until(pilot, lambda: f"{SIGNAL} is 1; allowed: 0 to 1" in shown(app))
        assert not engine.sets()


async def test_the_parameter_edited_last_is_the_one_that_is_stepped() -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "down", "right", "a")
        await until(pilot, lambda: len(engine.sets()) == 1)
        key = engine.sets()[0]["key"]
        await until(pilot, lambda: app.view.quick_key == key)
        await until(pilot, is_set(app, key, float(engine.sets()[0]["value"])))
        await pilot.press("t", "A", "right_parenthesis")
        await until(pilot, lambda: len(engine.sets()) == 2)
        assert engine.sets()[1]["key"] == key


async def test_a_reader_changes_nothing() -> None:
    engine = SettingEngine()
    async with cockpit(engine, read_only=True) as (app, pilot):
        await pilot.press("t", "asterisk", "t")
        for key in ("right_parenthesis", "left_parenthesis", "U"):
            await pilot.press(key)
            await until(pilot, lambda: "read-only" in shown(app).splitlines()[-1])
        assert not engine.commands


async def test_the_history_says_who_changed_what_and_scrolls(monkeypatch) -> None:
    set_by = (
        "command: set  revert_s: 30.0  reverts_to: 0.35  source: cli  key: strategy.min_signal  "
        "old: 0.35  new: 0.41  unit:   lower: 0.0  upper: 1.0"
    )
    many = tuple(
        NoteLine(n, START_NS + n * NS, set_by.replace("0.41", f"0.{n}").replace("cli", f"c:{n}"))
        for n in range(41, 99)
    )
    monkeypatch.setattr("tests.unit.cockpit.fake_engine.make_page", lambda _: Notes(many))
    async with cockpit(SettingEngine(), (80, 24)) as (app, pilot):
        await pilot.press("t", "H")
        await until(pilot, lambda: "by c:98, for 30 s unless kept" in shown(app))
        assert "strategy.min_signal 0.35 → 0.98" in shown(app)
        assert "by c:41" not in shown(app)
        await pilot.press(*["down"] * 60)
        assert "by c:41" in shown(app)
        await pilot.press(*["up"] * 60)
        assert "by c:98" in shown(app)
        await pilot.press("H")
        assert "▸" in shown(app)
        assert "by c:98" not in shown(app)


async def test_over_the_history_nothing_is_drafted_or_applied() -> None:
    """What is not seen must not change."""
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "right", "H", "right", "d", "a", "K", "f", "enter", "W", "slash")
        assert not app.screen.query(Dialog)
        await pilot.press("pagedown", "pageup", "H")
        await pilot.pause()
        assert not engine.commands
        assert "0.35 → 0.38" in shown(app), "the draft is still there"


async def test_the_journal_is_only_asked_for_its_notes_while_the_history_is_shown() -> None:
    """Half a thousand notes a second are not for a slow line."""
    engine = FakeEngine(make_snapshot())
    async with cockpit(engine) as (_, pilot):
        await pilot.press("t", "down", "right")
        await pilot.pause(0.05)
        assert engine.asked == []
        await pilot.press("H")
        await until(pilot, lambda: engine.asked == [Topic.NOTES])


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "imc-cockpit" / "profiles"


async def test_changes_are_saved_as_a_profile_that_says_how_to_use_it(home) -> None:
    engine = SettingEngine()
    async with cockpit(engine, (160, 48)) as (app, pilot):
        engine.become(SIGNAL, 0.41)
        await until(pilot, is_set(app, SIGNAL, 0.41))
        await pilot.press("t", "W", *"calm", "enter")
        await until(pilot, lambda: "saved: imc-cockpit --profile" in shown(app))
        text = (home / "calm.toml").read_text(encoding="utf-8")
        assert "[strategy]\nmin_signal = 0.41  # was 0.35\n" in text
        assert "cooldown" not in text
        assert not engine.commands


async def test_what_is_on_trial_is_not_saved(home) -> None:
    """It goes back by itself; a profile that kept it would not be what the trader runs."""
    engine = SettingEngine()
    engine.trials = (TrialView(SIGNAL, 0.41, 0.35, 30.0),)
    async with cockpit(engine, (160, 48)) as (app, pilot):
        engine.become("strategy.min_confidence", 0.7)
        engine.become(SIGNAL, 0.41)
        await until(pilot, is_set(app, SIGNAL, 0.41))
        await pilot.press("t", "W", *"calm", "enter")
        await until(pilot, lambda: "saved:" in shown(app))
        text = (home / "calm.toml").read_text(encoding="utf-8")
        assert "min_signal" not in text
        assert "min_confidence = 0.7" in text


async def test_a_profile_that_is_there_takes_a_second_enter(home) -> None:
    home.mkdir(parents=True)
    (home / "calm.toml").write_text("precious")
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        engine.become(SIGNAL, 0.41)
        await until(pilot, is_set(app, SIGNAL, 0.41))
        await pilot.press("t", "W", *"calm", "enter")
        assert "exists already: enter again replaces it" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: "nothing saved" in shown(app))
        assert (home / "calm.toml").read_text() == "precious"
        await pilot.press("W", *"calm", "enter", "x", "backspace", "enter")
        assert (home / "calm.toml").read_text() == "precious", "another name asks anew"
        await pilot.press("enter")
        await until(pilot, lambda: "min_signal" in (home / "calm.toml").read_text())


async def test_a_name_that_is_none_is_refused_with_what_is_allowed(home) -> None:
    engine = SettingEngine()
    async with cockpit(engine) as (app, pilot):
        engine.become(SIGNAL, 0.41)
        await until(pilot, is_set(app, SIGNAL, 0.41))
        await pilot.press("t", "W", ".", ".", "slash", "x", "enter")
        assert "is no name: a-z, 0-9" in shown(app)
        assert app.screen.query(Dialog)
    assert not home.exists()


async def test_nothing_changed_is_nothing_to_save(home) -> None:
    defaults = tuple(spec.default for spec in PARAMETERS)
    engine = FakeEngine(make_snapshot(parameters=defaults))
    async with cockpit(engine) as (app, pilot):
        await pilot.press("t", "W")
        await until(pilot, lambda: "nothing to save" in shown(app))
        assert not app.screen.query(Dialog)
    assert not home.exists()


async def test_a_folder_that_cannot_be_written_is_said(home) -> None:
    home.parent.mkdir(parents=True)
    home.write_text("a file where the folder should be")
    engine = SettingEngine()
    async with cockpit(engine, (160, 48)) as (app, pilot):
        engine.become(SIGNAL, 0.41)
        await until(pilot, is_set(app, SIGNAL, 0.41))
        await pilot.press("t", "W", *"calm", "enter")
        await until(pilot, lambda: "not saved:" in shown(app))


def test_a_saved_profile_is_read_by_the_program_itself(tmp_path: Path) -> None:
    """The oracle is the loader: all live parameters, each moved, come back as they were."""
    from cockpit.viewmodels.parameters import step
    from cockpit.viewmodels.profile_file import changed_parameters, profile_text
    from core.settings.parameters import parameter_specs

    specs = parameter_specs(load_settings("practice").settings)
    values = [step(spec, spec.default, -1 if "halt" not in spec.key else 1) for spec in specs]
    meta = replace(make_meta(), parameters=specs, profile="practice")
    changed = changed_parameters(specs, values)
    assert len(changed) > 20
    path = tmp_path / "moved.toml"
    path.write_text(profile_text(meta, changed), encoding="utf-8")
    read = parameter_specs(load_settings("practice", [path]).settings)
    assert {s.key: s.default for s in read} == dict(
        zip([s.key for s in specs], values, strict=True)
    )
