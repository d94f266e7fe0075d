"""Pages of a replayed run: what had happened by the position that is shown."""

from __future__ import annotations

from collections.abc import Callable

from core.api.topics import About, DoneOrders, LogLines, no_settlement
from core.runtime.pages import Pages
from core.runtime.run_index import RunIndex

NOT_RECORDED = (
    "a recording holds the fair values that were traded on, and not what they were made of; "
    "press y for fair values"
)


def replay_pages(
    index: RunIndex,
    position: Callable[[], int],
    log: Callable[[], LogLines],
    about: Callable[[], About],
) -> Pages:
    """
    Put the pages of a replay together.

    Statistics are those of the whole run: where it is going is no secret in a replay, and
    they would have to be counted anew for each position.

    Args:
        index: What was found when the run was gone through.
        position: How many events have happened in what is shown.
        log: Of the replay itself; that of the run is a file in its folder.
        about: What is replayed.
    """

    def done_orders(limit: int) -> DoneOrders:
        return index.ledger.done_orders(limit, until_ns=index.ts_at(position()))

    return Pages(
        statistics=index.ledger.statistics,
        done_orders=done_orders,
        notes=lambda: index.notes_until(position()),
        log=log,
        about=about,
        settlement=lambda: no_settlement(NOT_RECORDED),
    )
