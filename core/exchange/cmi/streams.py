"""What one user's event stream has still to be sent."""

from __future__ import annotations

import asyncio

MAX_WAITING_FILLS = 10_000
"""Of a stream that nobody reads; its end is due then."""


class Stream:
    """
    An outbox of events. A book that a newer one overtakes is not sent any more; fills all are.

    It ends when `close` is called: by the server's end, or because its user opened another.
    """

    def __init__(self) -> None:
        self._fills: list[bytes] = []
        self._books: dict[str, bytes] = {}
        self._news = asyncio.Event()
        self.is_closed = False
        self.is_silent = False
        """Nothing is sent although there is something to send: a fault to practise with."""

    def put_book(self, symbol: str, data: bytes) -> None:
        """Send a whole book."""
        self._books[symbol] = data
        self._news.set()

    def put_fills(self, data: bytes) -> None:
        """Send a list of fills."""
        if len(self._fills) >= MAX_WAITING_FILLS:
            self.close()
            return
        self._fills.append(data)
        self._news.set()

    def close(self) -> None:
        """End it; what waits is not sent."""
        self.is_closed = True
        self._news.set()

    async def take(self) -> bytes:
        """Wait for something to send. Empty once it is closed."""
        while not self.is_closed:
            await self._news.wait()
            self._news.clear()
            data = self.take_now()
            if data:
                return data
        return b""

    def take_now(self) -> bytes:
        """Take what is to be sent, empty for nothing."""
        if self.is_closed or self.is_silent:
            return b""
        # Fills first: whoever sees a book without his order can ask why.
        fills, books = map(_trade_event, self._fills), map(_book_event, self._books.values())
        data = b"".join([*fills, *books])
        self._fills.clear()
        self._books.clear()
        return data


def _trade_event(data: bytes) -> bytes:
    return b"event: trade\ndata: " + data + b"\n\n"


def _book_event(data: bytes) -> bytes:
    return b"event: order\ndata: " + data + b"\n\n"
