"""Between connections and the exchange: who is logged in, and who is to hear what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.domain.enums import RejectReason
from core.domain.errors import DecodeError
from core.exchange.account import Account
from core.exchange.exchange import Exchange, Outgoing
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import Frame, decode_client, encode

_MAX_ERROR_CHARS = 400


class Peer(Protocol):
    """The other end of a connection."""

    def send(self, data: bytes) -> None:
        """Send one frame. Never blocks, never fails: a peer that is gone hears nothing."""
        ...


class Listener(Protocol):
    """Somebody else who serves the exchange's participants, in another protocol."""

    def hear(self, outgoing: Outgoing) -> None:
        """Take in one message, whoever it is for."""
        ...

    def heard_all(self) -> None:
        """Those of this moment are told."""
        ...


@dataclass(eq=False, slots=True)
class Client:
    """One connection."""

    peer: Peer
    account: Account | None = None
    """None until logged in."""
    symbols: set[str] = field(default_factory=set)
    cancel_on_disconnect: bool = False
    lease: int = 0
    """Token of its login; 0 takes no part in leases."""

    @property
    def is_fenced(self) -> bool:
        """Whether somebody with a newer lease has logged in to the account since."""
        return self.account is not None and 0 < self.lease < self.account.lease


class Gateway:
    """
    Read clients' messages and hand out the exchange's.

    After `receive`, `leave` and every step of the exchange, call `flush`.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._clients: set[Client] = set()
        self._handlers: dict[type, Callable[[Client, Account, Any], None]] = {
            wire.Subscribe: self._on_subscribe,
            wire.Place: lambda client, account, request: exchange.place(
                account, request, _refusal(client)
            ),
            wire.Cancel: self._on_cancel,
            wire.Replace: self._on_replace,
            wire.CancelAll: lambda _client, account, _request: exchange.cancel_all(account),
            wire.CancelAllAfter: self._on_cancel_all_after,
            wire.OrderRequest: self._on_order_request,
            wire.StateRequest: self._on_state,
            wire.Resync: self._on_resync,
            wire.Login: self._on_second_login,
        }
        self.listener: Listener | None = None
        """Hears what everybody is told."""
        self.refused = 0
        """Messages that could not be understood or served."""

    @property
    def clients(self) -> int:
        """Connections, logged in or not."""
        return len(self._clients)

    def join(self, peer: Peer) -> Client:
        """Welcome a new connection, which has to log in first of all."""
        client = Client(peer)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a connection. Its orders stay, unless it asked for the opposite."""
        self._clients.discard(client)
        if client.cancel_on_disconnect and client.account is not None:
            self._exchange.cancel_all(client.account, RejectReason.DISCONNECTED)

    def receive(self, client: Client, data: Frame) -> bool:
        """Serve one message. False if the connection is to be closed."""
        try:
            message = decode_client(data)
        except DecodeError as error:
            self._refuse(client, "MALFORMED", str(error))
            return client.account is not None
        if isinstance(message, wire.Ping):
            client.peer.send(encode(wire.Pong(nonce=message.nonce)))
        elif client.account is not None:
            self._handlers[type(message)](client, client.account, message)
        elif isinstance(message, wire.Login):
            return self._login(client, message)
        else:
            self._refuse(client, "LOGIN_REFUSED", "log in before anything else")
            return False
        return True

    def heartbeat(self) -> None:
        """Tell everybody who is logged in that the exchange lives."""
        # What is still to be told counts as told: it would look lost.
        self.flush()
        for client in self._clients:
            if client.account is not None:
                client.peer.send(encode(self._exchange.heartbeat(client.account)))

    def flush(self) -> None:
        """Hand out what the exchange has to say."""
        for outgoing in self._exchange.take_outgoing():
            data = encode(outgoing.message)
            for client in self._clients:
                if _is_for(outgoing, client):
                    client.peer.send(data)
            if self.listener is not None:
                self.listener.hear(outgoing)
        if self.listener is not None:
            self.listener.heard_all()

    def _login(self, client: Client, request: wire.Login) -> bool:
        if request.account not in (None, request.api_key):
            self._refuse(client, "LOGIN_REFUSED", "account is not the one of this api_key")
            return False
        account = self._exchange.account(request.api_key)
        if account is None:
            self._refuse(client, "LOGIN_REFUSED", "the exchange has no room for more accounts")
            return False
        # What happened before belongs to those who were there.
        self.flush()
        client.account = account
        client.cancel_on_disconnect = request.cancel_on_disconnect
        client.lease = request.lease
        client.peer.send(encode(self._exchange.welcome(account)))
        self._send_state(client, account, request.executions_after)
        self._fence(account, request.lease)
        return True

    def _fence(self, account: Account, lease: int) -> None:
        """Let the newest lease be the only one to trade, and tell the others."""
        account.lease = max(account.lease, lease)
        for client in self._clients:
            if client.account is account and client.is_fenced:
                text = "a newer lease trades this account: orders are refused, cancels are not"
                self._refuse(client, "FENCED", text)

    def _send_state(
        self, client: Client, account: Account, after: int | None, nonce: int = 0
    ) -> None:
        repeated = 0
        if after is not None:
            for row in self._exchange.executions_after(account, after):
                repeated += 1
                client.peer.send(encode(row))
        client.peer.send(encode(self._exchange.state(account, repeated, nonce)))

    def _on_second_login(self, client: Client, account: Account, request: wire.Login) -> None:
        del account, request
        self._refuse(client, "ALREADY_LOGGED_IN", "this connection is logged in already")

    def _on_subscribe(self, client: Client, account: Account, request: wire.Subscribe) -> None:
        del account
        self.flush()
        for symbol in self._exchange.symbols() if request.all else request.symbols:
            snapshot = self._exchange.snapshot(symbol)
            if snapshot is None:
                self._refuse(client, "UNKNOWN_INSTRUMENT", f"no product is called {symbol!r}")
            else:
                client.symbols.add(symbol)
                client.peer.send(encode(snapshot))

    def _on_cancel(self, client: Client, account: Account, request: wire.Cancel) -> None:
        if request.client_order_id is None and request.order_id is None:
            self._refuse(client, "MALFORMED", "cancel needs client_order_id or order_id")
        else:
            self._exchange.cancel(account, request)

    def _on_replace(self, client: Client, account: Account, request: wire.Replace) -> None:
        if request.client_order_id is None and request.order_id is None:
            self._refuse(client, "MALFORMED", "replace needs client_order_id or order_id")
        else:
            self._exchange.replace(account, request, _refusal(client))

    def _on_cancel_all_after(
        self, client: Client, account: Account, request: wire.CancelAllAfter
    ) -> None:
        # The timer is its successor's: a fenced engine must not vouch for the one that trades.
        if not client.is_fenced:
            self._exchange.cancel_all_after(account, request.timeout_ms)

    def _on_state(self, client: Client, account: Account, request: wire.StateRequest) -> None:
        self.flush()
        self._send_state(client, account, request.executions_after, request.nonce)

    def _on_order_request(
        self, client: Client, account: Account, request: wire.OrderRequest
    ) -> None:
        if request.client_order_id is None and request.order_id is None:
            self._refuse(client, "MALFORMED", "order_status needs client_order_id or order_id")
            return
        self.flush()
        client.peer.send(encode(self._exchange.status(account, request)))

    def _on_resync(self, client: Client, account: Account, request: wire.Resync) -> None:
        self._on_subscribe(client, account, wire.Subscribe(symbols=[request.symbol]))

    def _refuse(self, client: Client, code: str, text: str) -> None:
        self.refused += 1
        client.peer.send(encode(wire.ErrorMessage(code=code, text=text[:_MAX_ERROR_CHARS])))


def _refusal(client: Client) -> RejectReason:
    return RejectReason.FENCED if client.is_fenced else RejectReason.NONE


def _is_for(outgoing: Outgoing, client: Client) -> bool:
    if client.account is None:
        return False
    if outgoing.account is None:
        return outgoing.symbol in client.symbols
    return outgoing.account == client.account.key
