"""When something should have happened."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines of a venue, in seconds."""

    ack_s: float = 5.0
    """A subscription that is not confirmed by then was lost."""
    first_data_s: float = 10.0
    """An instrument without a book by then is asked for again."""
    silence_s: float = 30.0
    """A connection on which nothing comes for so long is dead."""
    ping_s: float = inf
    """Pause between two pings of our own, for venues that ask for them."""
    quiet_s: float = inf
    """An instrument of which nothing comes for so long is asked for again."""
    pong_s: float = 10.0
    """A ping that is not answered by then: the connection is dead."""
    crossed_s: float = 1.0
    """A book whose bids reach its asks for so long has lost something."""
    handover_s: float = inf
    """Age at which a connection is replaced before the venue cuts it."""
    retry_s: float = 0.2
    """Pause before a request that failed is made again; it doubles each time."""


ENDLESS = Timing(
    ack_s=inf, first_data_s=inf, silence_s=inf, pong_s=inf, crossed_s=inf, handover_s=inf
)
"""For recordings: nobody is there who could be late."""
