"""What is copied for a viewer."""

from __future__ import annotations

from core.domain.commands import Command, CommandName
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS, layout
from core.serve.host import capture, refuse_read_only
from tests.unit.serve.fake_host import META, FakeHost


def test_a_capture_is_a_copy_of_the_layouts_size() -> None:
    """What the engine does next must not change what was sent."""
    host = FakeHost()
    taken = capture(host, -1)
    sections = layout(len(META.instruments))
    assert len(taken.state) == sum(s.nbytes for s in sections[:N_LIVE_SECTIONS])
    shown = sections[N_LIVE_SECTIONS:N_SHOWN_SECTIONS]
    assert len(taken.samples) == sum(s.nbytes for s in shown)
    host.advance()
    assert capture(host, -1).state != taken.state


def test_samples_are_copied_only_when_there_is_a_new_one() -> None:
    host = FakeHost()
    head = capture(host, -1).history_head
    host.advance()
    assert capture(host, head).samples == b""
    host.sample(7)
    assert capture(host, head).samples != b""


def test_a_read_only_viewers_command_is_answered_with_the_reason() -> None:
    result = refuse_read_only(Command(CommandName.FLATTEN, "x", 7))
    assert (result.request_id, result.accepted) == (7, False)
    assert result.text == "flatten: this viewer is read-only"
