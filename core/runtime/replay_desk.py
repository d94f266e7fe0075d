"""What can be asked of a replay: to be somewhere else, and of recorded data to trade."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.commands import Command, CommandName, CommandResult
from core.runtime.playback import Playback
from core.runtime.refusals import CommandRefused, read_number
from core.runtime.run_playback import RunPlayback
from core.runtime.whatif_runner import WhatIfRunner

MAX_SPEED = 1e6
_MAX_STEP = 1e12


class ReplayDesk:
    """
    Takes the commands of a replay and refuses all others.

    Args:
        playback: Which is moved.
        whatif: Makes comparisons.
        stop: Ends the replay; called with who asked.
    """

    def __init__(
        self, playback: RunPlayback, whatif: WhatIfRunner, stop: Callable[[str], None]
    ) -> None:
        self._playback = playback
        self._whatif = whatif
        self._stop = stop

    def submit(self, command: Command) -> CommandResult:
        """Do what a command asks, or say why not. Never raises."""
        try:
            text = self._do(command)
        except CommandRefused as refusal:
            return CommandResult(command.request_id, accepted=False, text=str(refusal))
        return CommandResult(command.request_id, accepted=True, text=text)

    def _do(self, command: Command) -> str:
        args = command.args
        match command.name:
            case CommandName.SPEED:
                return self._playback.set_speed(_speed(args.get("value", "")))
            case CommandName.STEP:
                return self._playback.step(_events(args.get("events", "")))
            case CommandName.SEEK:
                return self._playback.seek(args.get("where", ""))
            case CommandName.WHATIF:
                return self._compare(args)
            case CommandName.STOP:
                self._stop(f"asked by {command.source}")
                return "ending the replay"
            case _:
                raise CommandRefused(
                    f"{command.name}: this is a replay of a run, which nothing can change any "
                    "more, and no venue is connected; allowed: speed, step, seek, whatif, stop"
                )

    def _compare(self, args: dict[str, str]) -> str:
        if "cancel" in args:
            return self._whatif.cancel()
        where, playback = args.get("where"), self._playback
        position = playback.heading if where is None else playback.find(where)
        return self._whatif.begin(args.get("key", ""), args.get("value", ""), position)


class RecordedDesk:
    """
    Takes the commands of a replay of recorded data: what moves it, and what trades in it.

    Args:
        playback: Which is moved, and keeps what is asked for with its place.
        stop: Ends the replay; called with who asked.
    """

    def __init__(self, playback: Playback, stop: Callable[[str], None]) -> None:
        self._playback = playback
        self._stop = stop

    def submit(self, command: Command) -> CommandResult:
        """Do what a command asks, or say why not. Never raises."""
        try:
            text = self._move(command)
        except CommandRefused as refusal:
            return CommandResult(command.request_id, accepted=False, text=str(refusal))
        if text is None:
            return self._playback.act(command)
        return CommandResult(command.request_id, accepted=True, text=text)

    def _move(self, command: Command) -> str | None:
        """Do what concerns the replay itself; None for what trades."""
        args = command.args
        match command.name:
            case CommandName.SPEED:
                return self._playback.set_speed(_speed(args.get("value", "")))
            case CommandName.STEP:
                return self._playback.step(_events(args.get("events", "")))
            case CommandName.SEEK:
                return self._playback.seek(args.get("where", ""))
            case CommandName.WHATIF:
                raise CommandRefused(
                    f"{command.name} compares what a run did; recorded data has no run: "
                    "set the parameter, or backtest with --set KEY=VALUE"
                )
            case CommandName.STOP:
                self._stop(f"asked by {command.source}")
                return "ending the replay"
            case _:
                return None


def _speed(text: str) -> float:
    value = read_number(text, "speed")
    if not 0 <= value <= MAX_SPEED:
        raise CommandRefused(f"speed {value:g} is outside 0 to {MAX_SPEED:g}")
    return value


def _events(text: str) -> int:
    value = read_number(text, "step")
    if not value.is_integer() or abs(value) > _MAX_STEP:
        raise CommandRefused(f"step {text} is no number of events such as 1 or -10")
    return int(value)
