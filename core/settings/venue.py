"""Settings of the venue: which one, its account, and how it is reached."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from core.domain.enums import Mode
from core.tables.section import Section

_ADDRESS = r"^(wss?://[^\s/@?#]+(/[^\s?#]*)?)?$"


_MARKET = r"^(|binance|kraken|coinbase|bybit|hyperliquid|ccxt:[a-z0-9]{2,32})$"


class VenueSettings(Section):
    """Where orders go. Changing one needs a restart."""

    kind: Literal["practice", "recorded", "cmi", "paper", "binance", "kraken", "several"]
    """
    `practice` is the exchange that is shipped, `cmi` is IMC's, `recorded` is a data set.

    `paper` simulates our orders among the live books of `market`; `binance` (spot) and
    `kraken` (spot) send orders there. `several` trades what the profiles of `parts` trade.
    """

    parts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")], ...]
    """Profiles whose venues and products are traded together, where kind is `several`."""

    market: Annotated[str, Field(pattern=_MARKET)]
    """Whose books paper trades on: binance, kraken, coinbase, bybit, hyperliquid, ccxt:NAME."""

    recording: Annotated[str, Field(max_length=4_096)]
    """On paper: a captured stream of `market`, played instead of listening to it."""

    recording_speed: Annotated[float, Field(ge=0, le=1_000_000)]
    """Times as fast as it was captured; 0 for as fast as can be."""

    latency_ms: Annotated[int, Field(ge=0, le=60_000)]
    """On paper: how long an order is on its way to the venue, and its answer on its way back."""

    network: Literal["testnet", "live"]
    """Which network of a real venue: `testnet` is play money, `live` is real money."""

    live: bool
    """Said on the command line, never in a file: orders with real money are meant."""

    confirm_live: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,64}$")]
    """The word that was typed for it; on the command line too."""

    spot_position: Literal["change", "balance"]
    """
    What counts as the position in a spot account, in the base asset of each instrument.

    `change`: what was bought and sold here; coins that were there before are left alone.
    `balance`: everything the account holds; flattening sells all of it.
    """

    url: Annotated[str, Field(pattern=r"^((wss?|https?)://[^\s/@?#]+(/[^\s?#]*)?)?$")]
    """Address without user, password and query: `ws://`, for cmi `http://`; empty if recorded."""

    market_url: Annotated[str, Field(pattern=_ADDRESS)]
    """Market data of a real venue; empty for its public address."""

    rest_url: Annotated[str, Field(pattern=r"^(https?://[^\s/@?#]+)?$")]
    """Where Kraken gives out tokens; empty for its public address."""

    api_key_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    """Name of the environment variable that holds the API key. Never the key itself."""

    api_secret_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    """Name of the variable that holds the secret, or the path of a private key (PEM)."""
    username_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    """Name of the environment variable that holds the user of a cmi venue."""

    password_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    """Name of the environment variable that holds its password. Never the password itself."""

    requests_per_s: Annotated[float, Field(ge=0.05, le=1_000)]
    """Requests of any kind that a cmi venue is sent; its events allow one a second."""

    start_exchange: bool
    """Start the practice exchange where none answers at the address."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Seed of the practice market: the same seed and orders give the same market."""

    speed: Annotated[float, Field(ge=0.1, le=100)]
    """Market seconds of the practice exchange per second."""

    cancel_on_disconnect: bool
    """Have the venue cancel our orders when the connection ends, where it offers that."""

    dead_man_s: Annotated[int, Field(ge=0, le=3_600)]
    """Silence of the engine after which the venue cancels its orders; 0 for never."""

    orphans: Literal["cancel", "adopt"]
    """What becomes of orders found at the venue that no decision of this run stands behind."""

    fee_rates: tuple[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,16}=[0-9]{1,9}(\.[0-9]{1,9})?$")], ...
    ]
    """What one unit of another asset is worth where fees are paid in it, as `BNB=610.5`."""

    @property
    def fee_rates_by_asset(self) -> dict[str, Decimal]:
        """Worth of one unit of each asset, in units of the account's currency."""
        pairs = (text.partition("=") for text in self.fee_rates)
        return {asset: Decimal(rate) for asset, _, rate in pairs}

    @property
    def is_real(self) -> bool:
        """Orders leave this machine for a venue that others trade on too."""
        return self.kind in ("binance", "kraken")

    @property
    def mode(self) -> Mode | None:
        """What is at stake there; None where the venue alone does not say."""
        if self.kind == "paper":
            return Mode.PAPER
        if self.is_real:
            return Mode.LIVE if self.network == "live" else Mode.TESTNET
        return None

    @model_validator(mode="after")
    def _kind_and_market_fit(self) -> Self:
        if (self.kind == "paper") != bool(self.market):
            raise ValueError(
                f'market = "{self.market}" does not go with kind = "{self.kind}": '
                'kind = "paper" names the market whose books it trades on, the others none'
            )
        if self.recording and (not self.market or self.market.startswith("ccxt:")):
            raise ValueError(
                f'recording = "{self.recording}" needs kind = "paper" and the market whose '
                "messages it holds (none of ccxt's, which have no one form)"
            )
        if self.kind == "kraken" and self.network == "testnet":
            raise ValueError(
                'network = "testnet": Kraken has none for spot; try kind = "paper" with '
                'market = "kraken", or network = "live" with real money'
            )
        if self.live and not (self.is_real and self.network == "live"):
            raise ValueError(
                f'live = true needs a real venue on its live network; kind = "{self.kind}", '
                f'network = "{self.network}" trades no real money'
            )
        return self

    @model_validator(mode="after")
    def _practice_has_an_address(self) -> Self:
        if self.kind == "practice" and not self.url:
            raise ValueError('url = "" is empty: kind = "practice" needs the address to connect to')
        try:
            urlsplit(self.url).port  # noqa: B018  reading it is the check
        except ValueError as error:
            raise ValueError(f"url is no address: {error}") from error
        self._check_scheme()
        if self.kind not in ("practice", "cmi") and self.start_exchange:
            raise ValueError('start_exchange = true needs kind = "practice"')
        return self

    def _check_scheme(self) -> None:
        schemes = {"practice": ("ws", "wss"), "cmi": ("http", "https")}.get(self.kind)
        if schemes is not None and urlsplit(self.url).scheme not in schemes:
            raise ValueError(
                f'url = "{self.url}" is no address for kind = "{self.kind}", which needs one '
                f"that begins with {schemes[0]}:// or {schemes[1]}://"
            )
