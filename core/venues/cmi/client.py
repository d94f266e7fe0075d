"""Sends a session's requests, and listens to the stream."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from random import Random

import aiohttp
from loguru import logger

from core.domain.enums import IntentKind, VenueState
from core.domain.errors import DecodeError
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.venues.cmi.messages import MAX_MESSAGE_BYTES
from core.venues.cmi.requests import Answer, Kind, Request
from core.venues.cmi.session import VENUE, CmiSession
from core.venues.cmi.sse import EventParser
from core.venues.common.backoff import Backoff
from core.venues.port import EventSink, VenueAbilities, VenueCounters

REQUEST_TIMEOUT_S = 5.0
HEALTHY_S = 10.0
"""A connection that lived so long resets the back-off."""

GOODBYE_S = 10.0
"""How long an orderly end waits for cancels that the budget holds back."""

_TICK_S = 0.1
_MAX_UNANSWERED = 8
"""An exchange that answers nothing is not asked more."""

_JSON = "application/json; charset=utf-8"
_EVENTS = "text/event-stream; charset=utf-8"
_ORDERS = frozenset({Kind.PLACE, Kind.CANCEL})
_PLACE, _CANCEL, _REPLACE, _EVERYTHING, _QUERY = (
    kind.value
    for kind in (
        IntentKind.PLACE,
        IntentKind.CANCEL,
        IntentKind.REPLACE,
        IntentKind.CANCEL_EVERYTHING,
        IntentKind.QUERY,
    )
)

ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=False)


class CmiVenue:
    """
    A CMI exchange as a `Venue`.

    Args:
        url: Of the exchange, without `/api`, for example `http://127.0.0.1:8766`.
        username: Of the login; one program at a time may use it.
        password: Of the login.
        instruments: In the order of the kernel's indexes.
        executions_after: Number of the last fill in the books of an earlier run; fills since
            then are reported at the first login. None: there is no earlier run.
        requests_per_s: That all requests together may not exceed.
        random: Jitter of the back-off.
        clock: Monotonic, in seconds.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        instruments: Sequence[Instrument],
        *,
        executions_after: int | None = None,
        requests_per_s: float = 1.0,
        random: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = f"{url.rstrip('/')}/api"
        self._session = CmiSession(
            username=username,
            password=password,
            instruments=instruments,
            executions_after=executions_after,
            requests_per_s=requests_per_s,
        )
        self._backoff = Backoff(random or Random())  # noqa: S311  jitter, not a secret
        self._clock = clock
        self._sink: EventSink | None = None
        self._http: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._news = asyncio.Event()
        self._closed = asyncio.Event()
        self._connections = 0
        self._is_counted = False
        self._unsent = 0
        self._last_message_s = 0.0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return VENUE

    @property
    def abilities(self) -> VenueAbilities:
        """It moves orders by two requests, and has limit orders only."""
        return ABILITIES

    async def run(self, sink: EventSink) -> None:
        """Stay connected until `close`; see `Venue.run`."""
        self._sink = sink
        while not self._closed.is_set():
            self._session.connecting()
            self._emit()
            try:
                await self._attend()
            finally:
                self._session.disconnected(self._clock())
                self._emit()
            await self._pause()

    def submit(self, intents: Rows, count: int) -> None:
        """Have requests wait for their turn, and send what may be sent; see `Venue.submit`."""
        session, now_s = self._session, self._clock()
        is_there = session.state >= VenueState.CONNECTED
        for row in intents[:count].tolist():
            if is_there:
                self._hand_over(row, now_s)
            else:
                self._unsent += 1
                session.rejected(row)
        self._pump()
        if self._sink is not None:
            for event in session.take_events():
                self._sink.put(event)
        self._news.set()

    def keep_alive(self) -> None:
        """CMI has no dead-man timer."""

    def counters(self) -> VenueCounters:
        """Read the counters."""
        session = self._session
        return VenueCounters(
            state=session.state,
            exchange_session=session.exchange_session,
            messages=session.messages,
            reconnects=max(0, self._connections - 1),
            gaps=0,
            duplicates=session.duplicates,
            refused=session.refused,
            unsent=self._unsent + session.unsent,
            last_message_monotonic_s=self._last_message_s,
            last_error=session.last_error,
            requests=session.budget.sent,
            requests_waiting=len(session.budget),
            clock_offset_ns=session.clock.offset_ns,
        )

    async def close(self) -> None:
        """
        End the stream and `run`, once the cancels that still wait for their turn are sent.

        At one request a second that takes its time; after GOODBYE_S it ends in any case.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                while self._session.has_cancels and self._http is not None:
                    await asyncio.sleep(_TICK_S)
        self.end()

    def end(self) -> None:
        """Have `run` end, without waiting for it."""
        self._closed.set()
        self._news.set()

    def _hand_over(self, row: tuple[int, ...], now_s: float) -> None:
        kind, instrument, order_id, side, price_ticks, lots, terms, _origin = row
        desk = self._session.desk
        if kind == _PLACE:
            desk.place(now_s, instrument, order_id, side, price_ticks, lots, terms)
        elif kind == _CANCEL:
            desk.cancel(now_s, instrument, order_id)
        elif kind == _REPLACE:
            desk.replace(now_s, instrument, order_id, price_ticks, lots)
        elif kind == _QUERY:
            desk.query(now_s, instrument, order_id)
        elif kind == _EVERYTHING:
            self._session.cancel_everything(now_s)
        else:
            self._session.reconcile(now_s)

    async def _attend(self) -> None:
        """Live through one connection, from its login to its end."""
        started_s, self._is_counted = self._clock(), False
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=REQUEST_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
            self._http = http
            try:
                while not (self._closed.is_set() or self._session.is_broken or self._failure):
                    self._session.tick(self._clock())
                    self._pump()
                    self._emit()
                    await self._wait()
            finally:
                self._http = None
                await self._end_tasks()
        if self._clock() - started_s >= HEALTHY_S:
            self._backoff.reset()
        if self._failure is not None:
            raise self._failure

    async def _wait(self) -> None:
        """Until something happens, or a request may be sent, or a tick is due."""
        due_s = self._session.budget.due_s()
        wait_s = _TICK_S if due_s is None else min(_TICK_S, max(0.001, due_s - self._clock()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        self._news.clear()

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pause(self) -> None:
        if self._closed.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backoff.next_delay_s()):
                await self._closed.wait()

    def _pump(self) -> None:
        """Send what may be sent now."""
        while self._http is not None and len(self._tasks) < _MAX_UNANSWERED:
            request = self._session.take_request(self._clock())
            if request is None:
                return
            if request.kind in _ORDERS:
                logger.info("cmi: {}", request.said)
            work = self._listen if request.kind is Kind.STREAM else self._ask
            task = asyncio.ensure_future(work(self._http, request))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
        self._news.set()

    async def _ask(self, http: aiohttp.ClientSession, request: Request) -> None:
        """Send one request, and hand its answer to the session."""
        sent_ns = time.time_ns()
        try:
            async with (
                asyncio.timeout(REQUEST_TIMEOUT_S),
                http.request(
                    request.method,
                    f"{self._base}{request.path}",
                    data=request.body or None,
                    headers=self._headers(_JSON),
                    allow_redirects=False,
                ) as response,
            ):
                data = await _read(response)
                answer = Answer(
                    response.status,
                    data,
                    response.headers.get("Authorization", ""),
                    _date_ns(response.headers.get("Date", "")),
                    sent_ns,
                    time.time_ns(),
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            was_sent = not isinstance(error, aiohttp.ClientConnectorError)
            reason = str(error) or type(error).__name__
            self._session.on_lost(request, reason, self._clock(), was_sent=was_sent)
        else:
            self._last_message_s = self._clock()
            self._session.on_answer(request, answer, self._last_message_s)
        self._emit(time.perf_counter_ns())

    async def _listen(self, http: aiohttp.ClientSession, request: Request) -> None:
        """Open the stream, the only one, and hand on what it says until it ends."""
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                response = await http.get(
                    f"{self._base}{request.path}",
                    headers=self._headers(_EVENTS, "Accept"),
                    allow_redirects=False,
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            self._session.stream_refused(0, reason, self._clock())
            return
        async with response:
            if response.status != 200:
                text = (await response.content.read(400)).decode(errors="replace")
                self._session.stream_refused(response.status, text, self._clock())
                return
            self._session.stream_opened(self._clock())
            self._news.set()
            is_orderly = await self._follow(response)
            self._session.stream_ended(is_orderly=is_orderly, now_s=self._clock())

    async def _follow(self, response: aiohttp.ClientResponse) -> bool:
        """Read events until the end. True if it was the exchange that ended them in order."""
        parser, session = EventParser(), self._session
        try:
            async for chunk in response.content.iter_any():
                received_ns = time.perf_counter_ns()
                self._last_message_s = self._clock()
                for event in parser.feed(chunk):
                    session.on_event(event.name, event.data, self._last_message_s)
                self._emit(received_ns)
        except DecodeError as error:
            session.refuse(str(error))
            return False
        except (aiohttp.ClientError, OSError):
            return False
        return True

    def _headers(self, media_type: str, name: str = "Content-Type") -> dict[str, str]:
        token = self._session.authorization
        return {name: media_type, **({"Authorization": token} if token else {})}

    def _emit(self, received_ns: int = 0) -> None:
        """Hand on what has happened, and have it processed."""
        if self._session.state >= VenueState.CONNECTED and not self._is_counted:
            self._is_counted = True
            self._connections += 1
        rows = self._session.take_events()
        if not rows or self._sink is None:
            return
        for row in rows:
            self._sink.put(row)
        self._sink.flush(received_ns)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > MAX_MESSAGE_BYTES:
            raise ValueError(f"an answer of more than {MAX_MESSAGE_BYTES} bytes")
    return bytes(data)


def _date_ns(text: str) -> int:
    """Nanoseconds of an HTTP date; 0 for none."""
    try:
        return int(parsedate_to_datetime(text).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError):
        return 0
