"""Seeds, and what earlier ones have found."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import shrunk
from tests.chaos.runner import Failure, run
from tests.chaos.script import Script, Step, make_script
from tests.chaos.shrink import shrink
from tests.chaos.world import World

SEEDS = 500
_BATCH = 25


@pytest.mark.parametrize("first", range(0, SEEDS, _BATCH))
def test_everything_holds_whatever_goes_wrong(first) -> None:
    failures = {seed: run(make_script(seed)) for seed in range(first, first + _BATCH)}
    assert {seed: found for seed, found in failures.items() if found is not None} == {}


FOUND = {
    "a place that the network doubles ends the first one": Script(
        236, (Step(8942, "double_to_venue", 0.2, 1000),)
    ),
    "a fill before a gap is not asked for after a crash": Script(
        1015, (Step(5325, "cut_to_client", 0.5, 3500), Step(6394, "kill", 54))
    ),
    "an older answer makes FLAT": Script(
        2426, (Step(1796, "reorder_to_client", 0.5, 200), Step(2173, "flatten"))
    ),
    "a lost welcome leaves a connection that leads nowhere": Script(
        38,
        (
            Step(2183, "cut_to_client", 0.05, 3500),
            Step(2554, "drop_to_client", 0.2, 3500),
            Step(5076, "disconnect"),
        ),
    ),
}


@pytest.mark.parametrize("script", FOUND.values(), ids=FOUND)
def test_what_was_found_before_stays_mended(script) -> None:
    assert run(script) is None


def last_state(script: Script, folder) -> tuple[bytes, int, dict]:
    world = World(script, folder)
    world.run()
    account = world.life.state.account[0]
    return account.tobytes(), world.exchange.ts_ns, dict(world.account.orders)


@pytest.mark.parametrize("seed", [3, 17])
def test_the_same_seed_is_the_same_world(seed, tmp_path) -> None:
    """A failing seed is a bug report only if it fails again."""
    script = make_script(seed)
    assert make_script(seed) == script
    first, again = (last_state(script, tmp_path / name) for name in ("a", "b"))
    assert first == again


def test_worlds_trade() -> None:
    """An engine that does nothing breaks nothing."""
    traded = 0
    for seed in range(4):

        def watch(world: World) -> None:
            nonlocal traded
            check = world._check_end

            def count() -> None:
                nonlocal traded
                traded += int(world.life.state.account[0]["fills"])
                check()

            world._check_end = count

        assert run(Script(seed, ()), watch) is None
    assert traded > 40


def test_a_script_is_cut_down_to_what_it_takes() -> None:
    steps = tuple(Step(1000 + n, name, 0.5, 3500) for n, name in enumerate("abcdefgh"))

    def fails(script: Script) -> bool:
        names = {step.what for step in script.steps}
        return {"c", "g"} <= names

    short = shrink(Script(1, steps), fails)
    assert [(step.what, step.for_ms) for step in short.steps] == [("c", 200), ("g", 200)]


def test_a_shrunk_script_can_be_pasted_as_a_test() -> None:
    script = Script(7, (Step(1500, "kill", 3), Step(2000, "halt")))
    assert eval(str(script), {"Script": Script, "Step": Step}) == script


def test_shrinking_keeps_the_invariant(monkeypatch) -> None:
    """Another failure on the way is not the one that is looked for."""

    def fake(script: Script, _planted: object = None) -> Failure | None:
        names = {step.what for step in script.steps}
        if "a" in names and "b" in names:
            return Failure("one", "")
        return Failure("two", "") if "b" in names else None

    monkeypatch.setattr("tests.chaos.__main__.run", fake)
    script = Script(1, (Step(1, "a"), Step(2, "b"), Step(3, "c")))
    assert [step.what for step in shrunk(script, Failure("one", "")).steps] == ["a", "b"]
