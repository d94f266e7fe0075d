"""When the next picture may be drawn. Time is virtual: sleeping moves the clock."""

from __future__ import annotations

import asyncio

import pytest

from cockpit.line import terminal_line
from cockpit.line.judge import OVERDUE_S, SLOW_S
from cockpit.line.terminal_line import (
    ASK_AGAIN_S,
    LONGEST_HOLD_S,
    SLOW_BYTES_PER_S,
    SLOW_PICTURES_PER_S,
    TerminalLine,
)
from tests.unit.cockpit.line.clock import Clock


class Terminal:
    """Answers after a time of its own, or not; counts what it was asked."""

    def __init__(self, choice, monkeypatch, answers_after_s: float | None = 0.02) -> None:
        self.clock = Clock()
        self.answers_after_s = answers_after_s
        self.can_be_asked = True
        self.is_clogged = False
        self.asked = 0
        self.changes = 0
        self._due_s: list[float] = []
        self.line = TerminalLine(
            choice,
            ask=self._ask,
            is_clogged=lambda: self.is_clogged,
            on_change=self._changed,
            now_s=self.clock,
        )
        monkeypatch.setattr(terminal_line.asyncio, "sleep", self.sleep)
        monkeypatch.setattr(terminal_line.asyncio, "wait_for", self._wait_for)

    async def sleep(self, delay_s: float) -> None:
        self._pass(delay_s)

    async def _wait_for(self, waiting, timeout_s: float) -> None:
        """Until something is answered, or the time is over."""
        waiting.close()
        due_s = min(self._due_s, default=float("inf"))
        self._pass(min(timeout_s, max(0.0, due_s - self.clock.now_s)))
        if due_s > self.clock.now_s:
            raise TimeoutError

    def _pass(self, seconds: float) -> None:
        end_s = self.clock.now_s + seconds
        for due_s in sorted(due_s for due_s in self._due_s if due_s <= end_s):
            self._due_s.remove(due_s)
            self.clock.now_s = due_s
            self.line.answered()
        self.clock.now_s = end_s

    def _ask(self) -> bool:
        if not self.can_be_asked:
            return False
        self.asked += 1
        if self.answers_after_s is not None:
            self._due_s.append(self.clock.now_s + self.answers_after_s)
        return True

    def _changed(self) -> None:
        self.changes += 1

    async def turn_s(self) -> float:
        """How long a turn was waited for."""
        before_s = self.clock.now_s
        async with asyncio.timeout(5):
            await self.line.take_turn()
        return self.clock.now_s - before_s

    async def watch(self, seconds: int) -> None:
        """Tick once a second."""
        for _ in range(seconds):
            await self.sleep(1.0)
            self.line.tick()


async def test_a_quick_line_is_not_waited_for(monkeypatch) -> None:
    terminal = Terminal("auto", monkeypatch)
    await terminal.watch(20)
    assert not terminal.line.is_slow
    assert await terminal.turn_s() == 0
    assert terminal.asked == 20
    assert terminal.changes == 0


async def test_a_slow_line_gets_few_pictures_and_no_more_bytes_than_allowed(monkeypatch) -> None:
    terminal = Terminal("always", monkeypatch)
    written = 0
    started_s = terminal.clock.now_s
    for size in (100, 3_000, 9_000, 20, 20, 14_000, 1_500) * 5:
        terminal.line.wrote(size)
        written += size
        assert await terminal.turn_s() >= 1 / SLOW_PICTURES_PER_S
    elapsed_s = terminal.clock.now_s - started_s
    assert written / elapsed_s <= SLOW_BYTES_PER_S * 1.05


async def test_it_becomes_slow_with_the_round_trip_and_says_so_once(monkeypatch) -> None:
    terminal = Terminal("auto", monkeypatch, answers_after_s=SLOW_S + 0.1)
    await terminal.watch(10)
    assert terminal.line.is_slow
    assert terminal.changes == 1


async def test_on_a_slow_line_no_picture_goes_out_before_the_last_one_came_through(
    monkeypatch,
) -> None:
    terminal = Terminal("always", monkeypatch, answers_after_s=0.9)
    await terminal.turn_s()
    await terminal.turn_s()
    assert await terminal.turn_s() == pytest.approx(0.9)


async def test_a_terminal_that_never_answers_gets_its_pictures(monkeypatch) -> None:
    terminal = Terminal("always", monkeypatch, answers_after_s=None)
    for _ in range(20):
        assert await terminal.turn_s() == 1 / SLOW_PICTURES_PER_S


async def test_a_laptop_that_sleeps_for_an_hour_finds_few_pictures_and_a_fresh_one(
    monkeypatch,
) -> None:
    """It fell silent in mid-session; the next picture comes as soon as it answers."""
    terminal = Terminal("auto", monkeypatch)
    await terminal.watch(5)
    terminal.answers_after_s = None
    asleep_s = terminal.clock.now_s
    pictures = 0
    while terminal.clock.now_s < asleep_s + 3600:
        await terminal.watch(1)
        await terminal.turn_s()
        pictures += 1
    assert terminal.line.is_slow
    assert 100 < pictures < 200
    terminal.answers_after_s = 0.05
    await terminal.watch(int(ASK_AGAIN_S) + 1)
    assert await terminal.turn_s() <= 1.0


async def test_a_lost_answer_is_asked_for_again(monkeypatch) -> None:
    terminal = Terminal("auto", monkeypatch)
    await terminal.watch(5)
    terminal.answers_after_s = None
    await terminal.watch(1)
    terminal.answers_after_s = 0.02
    await terminal.watch(int(OVERDUE_S + ASK_AGAIN_S) + 1)
    await terminal.sleep(0.5)
    assert not terminal.line._echo.is_open


async def test_nothing_is_drawn_into_a_terminal_that_takes_nothing(monkeypatch) -> None:
    terminal = Terminal("never", monkeypatch)
    terminal.is_clogged = True
    turn = asyncio.ensure_future(terminal.line.take_turn())
    monkeypatch.undo()
    await asyncio.sleep(0)
    assert not turn.done()
    assert terminal.line.is_clogged
    terminal.is_clogged = False
    await asyncio.wait_for(turn, 5)


async def test_no_hold_lasts_longer_than_half_a_minute(monkeypatch) -> None:
    terminal = Terminal("always", monkeypatch)
    await terminal.turn_s()
    terminal.answers_after_s = None
    for _ in range(300):
        assert await terminal.turn_s() <= LONGEST_HOLD_S + 1e-6


async def test_what_cannot_be_asked_now_is_not_waited_for(monkeypatch) -> None:
    """While a question to the trader is open, say."""
    terminal = Terminal("auto", monkeypatch)
    terminal.can_be_asked = False
    await terminal.watch(10)
    assert terminal.asked == 0
    assert not terminal.line.is_slow


async def test_after_another_program_had_the_terminal_it_begins_anew(monkeypatch) -> None:
    terminal = Terminal("always", monkeypatch)
    await terminal.turn_s()
    terminal.answers_after_s = None
    await terminal.turn_s()
    terminal.line.forget()
    assert terminal.line._hold_s() == 0
