"""What stands in the dialogs."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.numbers import number
from cockpit.viewmodels.view import LinkState, View

CURSOR = "▏"


def stake_line(view: View) -> Line:
    """What a command would touch: positions, orders, money."""
    if view.snapshot is None:
        return (("nothing is known about positions and orders", "warn"),)
    held = sum(1 for instrument in view.snapshot.instruments if instrument.position)
    return (
        (f"{held} open positions, {len(view.snapshot.orders)} working orders, ", "dim"),
        (f"exposure {number(view.snapshot.account.exposure)}", "dim"),
    )


def word_lines(view: View, question: str, word: str, typed: str) -> list[Line]:
    """A question whose answer is a typed word."""
    right = word.startswith(typed)
    return [
        (),
        ((f" {question}", "strong"),),
        ((" ", "text"), *stake_line(view)),
        (),
        ((" type ", "dim"), (word, "key"), (" and press enter: ", "dim"),
         (typed, "text" if right else "alarm"), (CURSOR, "accent")),
        (),
        ((" esc", "key"), (" does nothing", "dim")),
    ]  # fmt: skip


def yes_no_lines(
    view: View, question: str, detail: str = "", *, is_listening: bool = True
) -> list[Line]:
    """A question with yes and no, and a sentence on what it means where it needs one."""
    explained: list[Line] = [((f" {detail}", "text"),)] if detail else []
    return [
        (),
        ((f" {question}", "strong"),),
        *explained,
        ((" ", "text"), *stake_line(view)),
        (),
        (
            (" y", "key" if is_listening else "dim"),
            (" yes", "text"),
            ("     esc", "key"),
            (" does nothing", "dim"),
        ),
    ]


def value_lines(key: str, effect: str, bounds: str, typed: str, trouble: str) -> list[Line]:
    """A number to be typed."""
    return [
        (),
        ((f" {key}", "strong"),),
        ((f" {effect}", "dim"),),
        (),
        ((f" {bounds}: ", "dim"), (typed, "text"), (CURSOR, "accent")),
        ((f" {trouble}", "warn"),),
        ((" enter", "key"), (" takes it, ", "dim"), ("esc", "key"), (" keeps the old one", "dim")),
    ]


def quit_lines(view: View, *, in_process: bool) -> list[Line]:
    """How to leave, and what each way means for the engine."""
    lines: list[Line] = [()]
    alive = view.link.state is LinkState.LIVE
    if in_process and view.is_replay:
        lines += [((" The replay ends with this window; its recording stays.", "strong"),), ()]
        lines.append(((" s", "key"), (" stop the replay, and leave", "text")))
    elif in_process:
        lines.append(((" The engine lives in this window and ends with it.", "strong"),))
        lines += [((" ", "text"), *stake_line(view)), ()]
        lines.append(((" s", "key"), (" stop the engine: cancel its orders, then leave", "text")))
    elif view.read_only or not alive:
        text = "This window only looks." if view.read_only else "No engine is connected."
        lines += [((f" {text}", "strong"),), ()]
        lines.append(((" d", "key"), (" leave", "text")))
    elif view.is_replay:
        lines += [((" The replay runs in a process of its own.", "strong"),), ()]
        lines.append(((" d", "key"), (" detach: leave it running", "text")))
        lines.append(((" s", "key"), (" stop the replay, and leave", "text")))
    else:
        lines.append(((" The engine trades in a process of its own.", "strong"),))
        lines += [((" ", "text"), *stake_line(view)), ()]
        lines.append(((" d", "key"), (" detach: leave it running and trading", "text")))
        lines.append(
            ((" s", "key"), (" stop it: cancel its orders, keep positions, leave", "text"))
        )
    lines.append(((" esc", "key"), (" stay", "dim")))
    return lines
