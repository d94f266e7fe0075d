"""What waits in a viewer until it is looked at."""

from __future__ import annotations

import asyncio

import pytest

from core.api.client import Notices
from core.api.link import EngineLink
from core.api.messages import NoticeBatch, encode
from core.domain.snapshot import Notice


def notices(*numbers: int) -> tuple[Notice, ...]:
    return tuple(Notice(number, number * 10, "fill", "info", f"{number}") for number in numbers)


@pytest.fixture
async def link() -> EngineLink:
    link = EngineLink()
    link.connection_made(asyncio.Transport())
    return link


def hear(link: EngineLink, *batches: NoticeBatch) -> None:
    link.data_received(b"".join(bytes(encode(batch)) for batch in batches))


async def test_what_was_taken_back_unread_is_never_seen(link: EngineLink) -> None:
    """A reset that comes while notices wait makes them void, and what they lacked with them."""
    hear(link, NoticeBatch(notices(1, 2, 3), missed=7), NoticeBatch(notices(1), reset=True))
    hear(link, NoticeBatch(notices(2)))
    assert link.take_notices() == Notices(notices(1, 2), missed=0, reset=True)
    assert link.take_notices() is None


async def test_that_nothing_is_left_is_told_too(link: EngineLink) -> None:
    hear(link, NoticeBatch(notices(1)), NoticeBatch((), reset=True))
    assert link.take_notices() == Notices((), reset=True)
    hear(link, NoticeBatch(notices(1)))
    assert link.take_notices() == Notices(notices(1))
