"""Client order ids that Kraken takes."""

from __future__ import annotations

from uuid import UUID

from core.domain.ids import RunId
from core.venues.kraken.orders.names import Names

OURS, OTHERS = Names(RunId("20261120T140327-live-4f1c")), Names(RunId("20261120T140328-live-4f1c"))


def test_a_name_is_a_uuid_that_leads_back_to_its_number() -> None:
    name = OURS.name(12_345)
    assert str(UUID(name)) == name
    assert OURS.parse(name, "OIMC01-AAAAA-BBBBBB") == 12_345


def test_any_other_order_gets_a_negative_number_that_stays_the_same() -> None:
    number = OURS.parse(OTHERS.name(12_345), "OIMC01-AAAAA-BBBBBB")
    assert number < 0
    assert OTHERS.parse("", "OIMC01-AAAAA-BBBBBB") == number
    assert OURS.parse(OURS.name(7)[:18] + "-zzzzzzzzzzzzzzzz", "OIMC01-AAAAA-BBBBBB") == number
