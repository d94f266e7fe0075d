"""`imc-cockpit kill` at a CMI exchange: by its own login, without the engine's stream."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.assembly.account import CmiLogin
from core.assembly.kill.account import Account
from core.assembly.kill.cmi import cancel_everything
from core.assembly.kill.kill import kill
from core.domain.errors import ConfigurationError, VenueError
from core.settings.loader import load_settings
from core.venues.cmi.messages import Credentials
from tests.integration.cmi.student_client import Exchange

pytestmark = pytest.mark.integration

LOGIN = CmiLogin("team-7", "hunter2-x")


@pytest.fixture
async def student(practice) -> Exchange:
    """Somebody who has three orders, two of them at one price, and a position."""
    student = Exchange(practice.url, LOGIN.username, LOGIN.password)
    await asyncio.to_thread(student.login)
    practice.counterparty("sell", "50.2", "2")
    for price, lots in ((50.2, 2), (49.0, 3), (49.0, 4), (48.5, 1)):
        await asyncio.to_thread(student.place, "7_ETF", price, "BUY", lots)
    return student


async def test_nothing_rests_any_more_and_positions_are_named(practice, student) -> None:
    """Two orders at one price are one request."""
    before = practice.front.requests
    account = Account()
    await cancel_everything(practice.url, LOGIN, 500.0, account)
    assert practice.orders("team-7") == []
    assert (len(account.canceled), account.left, account.is_shown) == (3, set(), True)
    assert account.positions == {"7_ETF": 2}
    # Look, two prices, look again, positions.
    assert practice.front.requests - before == 5


async def test_the_engines_stream_is_left_alone(practice, student) -> None:
    response, _ = await asyncio.to_thread(student.stream)
    with response:
        stream = practice.front._users["team-7"].stream
        await cancel_everything(practice.url, LOGIN, 500.0, Account())
        assert practice.front._users["team-7"].stream is stream


async def test_it_keeps_to_the_pace_that_the_exchange_allows(make_practice) -> None:
    practice = await make_practice(cmi_requests_per_s=10)
    user = practice.front.user(
        practice.front.log_in(Credentials(LOGIN.username, LOGIN.password)), time.monotonic()
    )
    for price in ("49.0", "48.0", "47.0"):
        practice.place_for(user.account, "buy", price, "1")
    account = Account()
    await cancel_everything(practice.url, LOGIN, 10.0, account)
    assert practice.orders("team-7") == []
    assert len(account.canceled) == 3


async def test_a_wrong_password_is_told(practice, student) -> None:
    with pytest.raises(VenueError, match="login refused for user team-7: 401"):
        await cancel_everything(practice.url, CmiLogin("team-7", "guess"), 500.0, Account())


async def test_the_whole_of_it_finds_the_venue_in_the_settings(
    practice, student, monkeypatch, tmp_path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMC_COCKPIT_USERNAME", LOGIN.username)
    monkeypatch.setenv("IMC_COCKPIT_PASSWORD", LOGIN.password)
    overrides = [
        f"venue.url={practice.url}",
        "venue.start_exchange=false",
        "venue.requests_per_s=500",
    ]
    settings = load_settings("cmi", (), overrides).settings
    report = await asyncio.to_thread(kill, settings, tmp_path)
    assert (report.exit_code, len(report.canceled), report.left) == (0, 3, [])
    assert practice.orders("team-7") == []
    monkeypatch.setenv("IMC_COCKPIT_PASSWORD", "guess-guess")
    with pytest.raises(ConfigurationError, match=r"venue\.password_env") as refusal:
        await asyncio.to_thread(kill, settings, tmp_path)
    assert "guess-guess" not in str(refusal.value)
