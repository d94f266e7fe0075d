"""A kill says what the venue shows, and keeps asking a venue that does not listen well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from websockets.asyncio.server import ServerConnection, serve

from core.assembly.kill import practice as module
from core.assembly.kill.kill import kill
from core.assembly.kill.report import KillReport
from core.domain.errors import ConfigurationError, EngineUnavailable
from core.domain.ids import RunId
from core.journal.manifest import JOURNAL, Manifest, write_manifest
from core.runtime.killed import read_word
from core.runtime.lease import AccountLease
from core.settings.loader import load_settings
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, encode

KEY = "tr-9f2c-very-secret"


class SmallVenue:
    """An account with two orders and a position, and habits of its own."""

    def __init__(
        self,
        *,
        ignores_cancels: int = 0,
        hangs_up_after: int = 0,
        keeps: str = "",
        refusal: str = "",
        fills: str = "",
    ) -> None:
        self.ignores_cancels = ignores_cancels
        self.hangs_up_after = hangs_up_after
        self.keeps = keeps
        self.refusal = refusal
        self.fills = fills
        self.orders = {"r-4f1c-1": 11, "r-4f1c-2": 12}
        self.logins: list[wire.Login] = []
        self.url = ""

    def state(self) -> wire.AccountState:
        return wire.AccountState(
            ts_ns=5,
            cash="0",
            positions=[
                wire.PositionEntry(symbol="7_ETF", quantity="-3"),
                wire.PositionEntry(symbol="1_Eisbach", quantity="0"),
            ],
            orders=[
                wire.OpenOrder(
                    client_order_id=name, order_id=number, symbol="7_ETF", side="buy",
                    price="49.5", quantity="4", leaves="4",
                )
                for name, number in self.orders.items()
            ],
            last_trade_id=0,
        )  # fmt: skip

    async def serve(self, connection: ServerConnection) -> None:
        async for data in connection:
            message = decode_client(data.encode() if isinstance(data, str) else data)
            if isinstance(message, wire.Login):
                self.logins.append(message)
                if self.refusal:
                    await self.send(
                        connection, wire.ErrorMessage(code="LOGIN_REFUSED", text=self.refusal)
                    )
                    return
                await connection.send("what is this", text=True)
                await self.send(connection, self.state())
            elif isinstance(message, wire.CancelAll):
                if self.hangs_up_after:
                    self.hangs_up_after -= 1
                    return
                await self.cancel_all(connection)
            elif isinstance(message, wire.StateRequest):
                await self.send(connection, self.state())

    async def cancel_all(self, connection: ServerConnection) -> None:
        if self.ignores_cancels:
            self.ignores_cancels -= 1
            return
        if self.fills in self.orders:
            await self.send(
                connection,
                wire.OrderReport(
                    client_order_id=self.fills, order_id=11, symbol="7_ETF", side="buy",
                    status="filled", price="49.5", quantity="4", leaves="0", reason="NONE",
                    ts_ns=6,
                ),
            )  # fmt: skip
        self.orders = {name: self.orders[name] for name in self.orders if name == self.keeps}

    @staticmethod
    async def send(connection: ServerConnection, message: wire.ServerMessage) -> None:
        await connection.send(encode(message), text=True)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        async with serve(self.serve, "127.0.0.1", 0, compression=None) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self.url


def note_run(run_dir, url: str) -> None:
    """Leave what an engine leaves that trades there."""
    run_id = RunId("20261121T104312-practice-57bc")
    manifest = Manifest(run_id, "practice", "SIM", "0123", "89ab", 5, venue_url=url)
    folder = run_dir / run_id
    folder.mkdir()
    (folder / JOURNAL).touch()
    write_manifest(folder, manifest)


@pytest.fixture
def kill_at(tmp_path, monkeypatch) -> Callable[[SmallVenue], KillReport]:
    """Kill what trades on a venue of this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("IMC_COCKPIT_API_KEY", KEY)
    monkeypatch.setattr(module, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(module, "_ASK_EVERY_S", 0.05)

    def kill_there(venue: SmallVenue, told: str | None = None) -> KillReport:
        async def run() -> KillReport:
            async with venue.listening() as url:
                if told is not None:
                    note_run(tmp_path, url)
                settings = load_settings(None, [], [f"venue.url={told or url}"]).settings
                return await asyncio.to_thread(kill, settings, tmp_path)

        return asyncio.run(run())

    return kill_there


def test_everything_is_canceled_and_what_is_held_is_named(kill_at, tmp_path) -> None:
    venue = SmallVenue()
    report = kill_at(venue)
    assert report.exit_code == 0
    assert report.canceled == ["r-4f1c-1", "r-4f1c-2"]
    assert report.positions == {"7_ETF": Decimal(-3)}
    lines = report.as_text().splitlines()
    assert lines == [
        f"{venue.url}: 2 orders canceled, none is left",
        "positions are not closed by kill: 7_ETF -3",
        "no engine was known to trade this account",
        (
            "next: the next engine starts HALTED, and "
            "`imc-cockpit send resume --word resume` re-arms it"
        ),
    ]
    word = read_word(tmp_path)
    assert word is not None
    assert (word.token, word.orders) == (venue.logins[0].lease, 2)


@pytest.mark.parametrize("told", ["ws://127.0.0.1:0", "ws://127.0.0.1:1"])
def test_the_engines_own_word_for_its_venue_counts_more_than_settings(kill_at, told) -> None:
    """Who is in a hurry does not repeat every option of the engine."""
    venue = SmallVenue()
    assert kill_at(venue, told).url == venue.url
    assert not venue.orders


def test_the_login_carries_a_token_beyond_the_engines(kill_at, tmp_path) -> None:
    venue = SmallVenue()
    kill_at(venue)
    holder = AccountLease("practice", venue.url, KEY).holder()
    assert holder is not None
    assert (venue.logins[0].api_key, venue.logins[0].lease) == (KEY, holder.token)
    assert not venue.logins[0].cancel_on_disconnect
    assert KEY not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


def test_a_cancel_that_was_lost_is_asked_for_again(kill_at) -> None:
    report = kill_at(SmallVenue(ignores_cancels=2))
    assert (report.exit_code, len(report.canceled)) == (0, 2)


def test_a_connection_that_ends_is_made_again(kill_at) -> None:
    venue = SmallVenue(hangs_up_after=2)
    assert kill_at(venue).exit_code == 0
    assert len(venue.logins) == 3


def test_what_is_left_is_named_and_no_success(kill_at) -> None:
    report = kill_at(SmallVenue(keeps="r-4f1c-2"))
    assert report.exit_code == 4
    assert report.canceled == ["r-4f1c-1"]
    assert "1 order canceled, 1 order LEFT: r-4f1c-2" in report.as_text()
    assert report.as_json()["ok"] is False
    assert "cancel them at the venue itself" in report.next_step


def test_a_venue_that_stops_answering_has_not_shown_anything(kill_at) -> None:
    report = kill_at(SmallVenue(hangs_up_after=1_000))
    assert report.exit_code == 4
    assert "the venue did not say in time what is left" in report.as_text()
    assert report.as_json()["verified"] is False


def test_an_order_that_was_filled_is_not_called_canceled(kill_at) -> None:
    assert kill_at(SmallVenue(fills="r-4f1c-1")).canceled == ["r-4f1c-2"]


def test_a_refused_login_names_the_setting_and_not_the_key(kill_at) -> None:
    with pytest.raises(ConfigurationError, match=r"who are you; .* venue\.api_key_env") as refusal:
        kill_at(SmallVenue(refusal="who are you"))
    assert KEY not in str(refusal.value)


def test_a_venue_that_is_not_there_is_no_success(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = load_settings(None, [], ["venue.url=ws://127.0.0.1:1"]).settings
    with pytest.raises(EngineUnavailable, match="no venue answers"):
        kill(settings, tmp_path)
    assert read_word(tmp_path) is None
