"""Cut a failing script down to what it takes to fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.chaos.script import Script


def shrink(script: Script, fails: Callable[[Script], bool]) -> Script:
    """
    Leave out steps as long as what is left still fails, and shorten those that stay.

    Args:
        script: Fails.
        fails: Runs a script; True if it fails in the same way.

    Returns:
        A script of which no single step can be left out.
    """
    script = _without_steps(script, fails)
    for index, step in enumerate(script.steps):
        for for_ms in (200, 1_000):
            shorter = replace(step, for_ms=for_ms)
            changed = replace(
                script, steps=(*script.steps[:index], shorter, *script.steps[index + 1 :])
            )
            if for_ms < step.for_ms and fails(changed):
                script = changed
                break
    return script


def _without_steps(script: Script, fails: Callable[[Script], bool]) -> Script:
    size = max(1, len(script.steps) // 2)
    while True:
        is_shorter = False
        start = 0
        while start < len(script.steps):
            kept = replace(script, steps=script.steps[:start] + script.steps[start + size :])
            if fails(kept):
                script, is_shorter = kept, True
            else:
                start += size
        if size == 1 and not is_shorter:
            return script
        size = max(1, size // 2)
