"""Which private messages of an account have been heard, and which executions are booked."""

from __future__ import annotations

from enum import Enum


class News(Enum):
    """What a numbered message is."""

    NEXT = 1
    OLD = 2
    """Heard before, or overtaken by the account's state."""
    AHEAD = 3
    """Some before it are missing."""


class Ledger:
    """
    The numbers of one account's messages on one connection, and of its executions for ever.

    Executions are booked by number as well as by message: while what is missing is being
    repeated, the same one may come twice, in any order.
    """

    def __init__(self, executions_after: int | None) -> None:
        self.last_trade_id = executions_after
        """Every execution up to here is booked; None: there is none to ask for."""
        self._passed: set[int] = set()
        self._repeated = 0
        self._seq = 0
        self._newest_seq = 0
        self._nonce = 0
        self._oldest_nonce = 0

    def connect(self) -> None:
        """Begin a connection: the numbers are those of its first account state."""
        self._seq = self._newest_seq = 0
        self._repeated = 0
        self._oldest_nonce = 0

    def ask(self, *, is_first: bool) -> int:
        """
        Number a request for the account's state, and count its repetitions anew.

        Args:
            is_first: Answers to earlier requests are too old from now on.
        """
        self._repeated = 0
        self._nonce += 1
        if is_first:
            self._oldest_nonce = self._nonce
        return self._nonce

    def is_answer(self, nonce: int) -> bool:
        """Whether an account state answers a request that still counts."""
        return nonce >= self._oldest_nonce

    def place(self, seq: int) -> News:
        """Judge a message by its number; one that is next is counted as heard."""
        if seq == 0:
            return News.NEXT
        self._newest_seq = max(self._newest_seq, seq)
        if seq <= self._seq:
            return News.OLD
        if seq > self._seq + 1:
            return News.AHEAD
        self._seq = seq
        return News.NEXT

    def is_behind(self, seq: int) -> bool:
        """Whether messages up to `seq` were sent that have not been heard."""
        return seq > self._seq

    def book(self, trade_id: int, *, is_repeated: bool, is_whole: bool) -> bool:
        """
        Count an execution.

        Args:
            trade_id: Grows with every execution of the account.
            is_repeated: It came because it was asked for.
            is_whole: It came under its number, and none before it is missing.

        Returns:
            False if it is booked already.
        """
        self._repeated += is_repeated
        if trade_id in self._passed or trade_id <= (self.last_trade_id or 0):
            return False
        if is_whole:
            self.last_trade_id = trade_id
        else:
            self._passed.add(trade_id)
        return True

    def end_repetition(self) -> int:
        """Say how many executions were repeated since the last account state, and count anew."""
        heard, self._repeated = self._repeated, 0
        return heard

    def settle(self, seq: int, last_trade_id: int, *, heard: int, repeated: int) -> str:
        """
        Take over an account's state: everything up to it has been told.

        Args:
            seq: Of the last private message that the state includes.
            last_trade_id: Of the account's last execution.
            heard: Executions that were repeated before it and arrived.
            repeated: Executions that were repeated before it, as the exchange counts.

        Returns:
            Why it cannot be taken over; empty if it is.
        """
        if repeated != heard:
            return f"{heard} of {repeated} executions arrived before it"
        if seq < self._newest_seq:
            return f"it is older than message {self._newest_seq} of the account"
        self._seq = self._newest_seq = seq
        self.last_trade_id = max(self.last_trade_id or 0, last_trade_id)
        self._passed.clear()
        return ""
