"""The exchange as a process, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from decimal import Decimal

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.domain.errors import AddressInUse
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange import server as server_module
from core.exchange.config import ExchangeConfig, Product
from core.exchange.server import MAX_CLIENTS, MAX_REQUEST_BYTES, ExchangeServer
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode
from core.venues.wsx.probe import probe

pytestmark = pytest.mark.integration

WAIT_S = 20.0
PRODUCTS = (
    Product(
        Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=200), Decimal(50), 0.01
    ),
)


@pytest.fixture
async def run_server():
    """Start servers on free ports, and stop them in the end."""
    stop = asyncio.Event()
    tasks = []

    async def run(**options) -> tuple[ExchangeServer, int, asyncio.Task[None]]:
        config = ExchangeConfig(
            products=PRODUCTS, **{"port": 0, "bots": False, "heartbeat_s": 0.05, **options}
        )
        server = ExchangeServer(config, 10**18)
        port = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(server.run(stop, port.set_result))
        tasks.append(task)
        await asyncio.wait({task, port}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            port.cancel()
            tasks.remove(task)
            task.result()
        return server, await port, task

    yield run
    stop.set()
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*tasks)


async def login(port: int, **options):
    connection = await connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None, **options)
    await connection.send(encode(wire.Login(api_key="practice")), text=True)
    return connection


async def hear(connection, kind: type):
    """Next message of a kind."""
    async with asyncio.timeout(WAIT_S):
        while True:
            message = decode_server(await connection.recv(decode=False))
            if isinstance(message, kind):
                return message


async def test_a_market_lives_behind_the_port(run_server) -> None:
    _, port, _ = await run_server(bots=True, speed=20)
    async with await login(port) as connection:
        assert (await hear(connection, wire.Welcome)).account == "practice"
        await connection.send(encode(wire.Subscribe(all=True)), text=True)
        snapshot = await hear(connection, wire.Snapshot)
        delta = await hear(connection, wire.Delta)
        assert delta.seq == snapshot.seq + 1
        assert (await hear(connection, wire.PublicTrade)).symbol == "7_ETF"
        assert (await hear(connection, wire.Heartbeat)).seq["7_ETF"] > snapshot.seq


async def test_a_taken_port_is_said_in_a_sentence(run_server) -> None:
    _, port, _ = await run_server()
    with pytest.raises(AddressInUse, match=f"port {port} on 127.0.0.1 is taken"):
        await run_server(port=port)


async def test_a_probe_learns_who_is_there(run_server) -> None:
    server, port, _ = await run_server(seed=41)
    health = await probe(f"ws://127.0.0.1:{port}")
    assert (health["session"], health["seed"]) == (server.exchange.session, 41)
    assert health["clients"] == 0


@pytest.fixture
async def something_else():
    """A server that is no exchange: it answers as told and then hangs up, or never does."""
    stack = contextlib.AsyncExitStack()
    done = []

    async def run(answer: bytes, *, hangs_up: bool = True) -> int:
        async def handle(reader, writer) -> None:
            finished = asyncio.Event()
            done.append(finished.wait())
            with contextlib.suppress(ConnectionError):
                writer.write(answer)
                if not hangs_up:
                    await reader.read()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            finished.set()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        await stack.enter_async_context(server)
        return server.sockets[0].getsockname()[1]

    yield run
    await stack.aclose()
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*done)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\n\r\n{}", b"\xff" * 100_000, b'\r\n\r\n{"service":"other"}']
)
async def test_a_probe_is_not_fooled_by_something_else(something_else, answer) -> None:
    port = await something_else(answer)
    assert await probe(f"ws://127.0.0.1:{port}") is None


async def test_a_probe_of_a_closed_port_finds_nobody(run_server) -> None:
    _, port, task = await run_server(idle_exit_s=0.001)
    await task
    assert await probe(f"ws://127.0.0.1:{port}") is None


async def test_a_probe_does_not_wait_for_ever(something_else) -> None:
    port = await something_else(b"", hangs_up=False)
    assert await probe(f"ws://127.0.0.1:{port}", timeout_s=0.05) is None


async def test_web_pages_are_kept_out(run_server) -> None:
    """A browser tab on this machine must not be able to trade."""
    _, port, _ = await run_server()
    with pytest.raises(InvalidStatus, match="403"):
        await connect(f"ws://127.0.0.1:{port}", origin="https://example.com", proxy=None)


async def test_bad_messages_do_not_end_a_session(run_server) -> None:
    server, port, _ = await run_server()
    async with await login(port) as connection:
        for data in (b"{", b"null", b"\xff\xfe", b'{"type":"place","price":1}'):
            await connection.send(data, text=False)
            assert (await hear(connection, wire.ErrorMessage)).code == "MALFORMED"
        await connection.send(encode(wire.Ping(nonce=5)), text=True)
        assert await hear(connection, wire.Pong) == wire.Pong(nonce=5)
    assert server.gateway.refused == 4


async def test_without_a_login_the_connection_ends(run_server) -> None:
    _, port, _ = await run_server()
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as connection:
        await connection.send(encode(wire.CancelAll()), text=True)
        assert (await hear(connection, wire.ErrorMessage)).code == "LOGIN_REFUSED"
        with pytest.raises(ConnectionClosed, match="1008"):
            await hear(connection, wire.Welcome)


async def test_an_oversized_request_costs_its_sender_the_connection(run_server) -> None:
    _, port, _ = await run_server()
    async with await login(port) as connection:
        await connection.send(b"x" * (MAX_REQUEST_BYTES + 1), text=True)
        with pytest.raises(ConnectionClosed, match="1009"):
            await hear(connection, wire.Pong)
    async with await login(port) as connection:
        await hear(connection, wire.Welcome)


async def test_what_is_under_way_arrives_although_the_faults_are_over(run_server, tmp_path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text("[to_client]\ndelay_ms = 700\n[to_exchange]\ndelay_ms = 700\n")
    server, port, _ = await run_server(faults=faults, heartbeat_s=60.0)
    async with await login(port) as connection:
        while not server.gateway.clients:
            await asyncio.sleep(0.01)
        faults.unlink()
        await hear(connection, wire.Welcome)
        assert not server.panel.is_on


async def test_a_stranger_over_a_slow_line_is_sent_away_too(run_server, tmp_path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text("[to_exchange]\ndelay_ms = 50\n")
    _, port, _ = await run_server(faults=faults)
    connection = await connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None)
    await connection.send('{"type":"cancel_all"}', text=True)
    async with asyncio.timeout(WAIT_S):
        await connection.wait_closed()


async def test_a_client_that_does_not_read_is_dropped_and_others_are_served(run_server) -> None:
    """Its unread messages would otherwise fill our memory."""
    server, port, _ = await run_server(max_unsent_bytes=1000)
    slow = await login(port, max_queue=1, ping_interval=None)
    other = await login(port)
    await hear(other, wire.Welcome)
    request = encode(wire.Subscribe(symbols=["7_ETF"] * 3000))

    async def ask_without_end() -> None:
        while True:
            await slow.send(request, text=True)

    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(ask_without_end(), WAIT_S)
    assert server.gateway.clients <= 2
    await other.send(encode(wire.Ping(nonce=1)), text=True)
    await hear(other, wire.Pong)
    await other.close()
    await slow.close()


async def test_one_client_too_many_is_sent_away(run_server, monkeypatch) -> None:
    assert MAX_CLIENTS >= 2
    monkeypatch.setattr("core.exchange.server.MAX_CLIENTS", 1)
    _, port, _ = await run_server()
    async with await login(port) as connection:
        await hear(connection, wire.Welcome)
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as late:
            with pytest.raises(ConnectionClosed, match="1013"):
                await late.recv()


async def test_it_ends_by_itself_when_nobody_is_there(run_server) -> None:
    _, port, task = await run_server(idle_exit_s=0.2)
    async with await login(port) as connection:
        for _ in range(8):
            await hear(connection, wire.Heartbeat)
        assert not task.done()
    async with asyncio.timeout(WAIT_S):
        await task


async def start_process(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "core.exchange",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        return process, (await process.stdout.readline()).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_in_order(number) -> None:
    process, line = await start_process("--port", "0", "--seed", "3")
    assert line.startswith("practice exchange on ws://127.0.0.1:")
    port = line.split(":")[2].split()[0]
    async with await login(int(port)) as connection:
        assert len((await hear(connection, wire.Welcome)).products) == 8
        process.send_signal(number)
        with pytest.raises(ConnectionClosed, match="1001"):
            await hear(connection, wire.Pong)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_a_process_that_cannot_start_says_why_in_one_line(run_server) -> None:
    _, port, _ = await run_server()
    process, _ = await start_process("--port", str(port))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().startswith(f"imc-cockpit: port {port}")
    process, _ = await start_process("--speed", "nan")
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().splitlines() == [
        "imc-cockpit: exchange speed = nan is not between 0.01 and 100"
    ]


async def test_the_probe_answer_is_plain_json(run_server) -> None:
    """For people with curl."""
    _, port, _ = await run_server()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b"200 OK" in head
    assert b"application/json" in head
    assert json.loads(body) == msgspec.json.decode(body)


async def test_the_exchanges_clock_does_not_stand_while_it_compiles(
    run_server, monkeypatch
) -> None:
    """An engine compares it with its own: behind by seconds, nothing would be traded."""
    monkeypatch.setattr(server_module, "warm_up", lambda _product: time.sleep(0.4))
    server, _, _ = await run_server()
    async with asyncio.timeout(WAIT_S):
        while server.exchange.ts_ns == 10**18:
            await asyncio.sleep(0.01)
    assert server.exchange.ts_ns - 10**18 >= 0.4e9
