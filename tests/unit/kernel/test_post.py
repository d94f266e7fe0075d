"""What is on its way between kernel and venue: order, delays, and what they are drawn from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.domain.enums import EventKind, IntentKind
from core.domain.events import EVENT, load, trade
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.kernel import post as sut

MS = 1_000_000


def lines(*, latencies=(), seed=0, **delays):
    row = allocate(sut.DELAYS, 1)
    for field, value in delays.items():
        row[0][field] = value
    table = allocate(sut.LATENCY, len(latencies))
    for entry, values in zip(table, latencies, strict=True):
        entry["ts_ns"], entry["order_ns"], entry["answer_ns"] = values
    return sut.make_post(row, table, seed)


def send(post, now_ns, order_id=1):
    intents = allocate(INTENT, 1)
    intents[0]["kind"], intents[0]["order_id"] = IntentKind.PLACE, order_id
    return sut.send_intent(post, intents, 0, now_ns, 2 * order_id)


def answer(post, now_ns, *, asked_ns=0):
    reports = allocate(EVENT, 1)
    reports[0]["kind"], reports[0]["fee_nanos"] = EventKind.FILL, 77
    reports[0]["bid_ticks"][0] = 5
    return sut.send_report(post, reports, 0, now_ns, asked_ns)


def test_without_delays_everything_arrives_when_it_leaves():
    post = lines()
    assert (send(post, 70), answer(post, 70)) == (70, 70)


def test_each_way_has_its_own_delay():
    post = lines(order_ns=3 * MS, answer_ns=5 * MS)
    assert (send(post, 70), answer(post, 70)) == (70 + 3 * MS, 70 + 5 * MS)


def test_what_is_taken_is_the_oldest_with_all_that_was_sent():
    post = lines()
    send(post, 70, order_id=8)
    send(post, 71, order_id=9)
    assert sut.next_intent_ns(post) == 70
    row = sut.take_intent(post)
    assert (post.intents[row]["order_id"], post.trips[row]["mid2_ticks"]) == (8, 16)
    assert sut.next_intent_ns(post) == 71


def test_a_report_keeps_its_fields_but_no_levels():
    post = lines()
    answer(post, 70)
    report = post.reports[sut.take_report(post)]
    assert (report["kind"], report["fee_nanos"]) == (EventKind.FILL, 77)
    assert report["bid_ticks"][0] == 0


def test_nothing_in_line_is_never_due():
    post = lines()
    assert sut.next_intent_ns(post) == sut.next_report_ns(post) == sut.NEVER


def test_a_budget_of_requests_lets_them_leave_one_by_one():
    post = lines(order_ns=3, pause_ns=1_000)
    assert [send(post, now) for now in (5_000, 5_010, 5_020, 9_000)] == [5_003, 6_003, 7_003, 9_003]


def test_nothing_overtakes_what_left_before_it():
    post = lines(order_ns=10 * MS, spread=1.5)
    arrivals = [send(post, 1_000 * number) for number in range(200)]
    assert arrivals == sorted(arrivals)


def test_drawn_delays_have_the_given_median_and_spread():
    post = lines(answer_ns=10 * MS, spread=0.4)
    step_ns = 10**12
    drawn = [answer(post, number * step_ns) - number * step_ns for number in range(4_000)]
    logs = np.log(np.array(drawn) / (10 * MS))
    assert np.median(logs) == pytest.approx(0.0, abs=0.03)
    assert np.std(logs) == pytest.approx(0.4, abs=0.02)


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    def drawn(seed):
        post = lines(order_ns=MS, spread=0.5, seed=seed)
        return [send(post, number * 10**12) for number in range(5)]

    assert drawn(3) == drawn(3) != drawn(4)


def test_the_generator_is_the_published_one():
    """Park, Miller and Stockmeyer's check: from 1, the 10,000th value is 399268537."""
    post = lines(seed=0)
    for _ in range(10_000):
        sut.draw_uniform(post.delays[0])
    assert post.delays[0]["random"] == 399_268_537


def test_recorded_delays_are_the_last_known_ones():
    post = lines(latencies=[(100, 7, 70), (200, 9, 90), (300, 11, 110)])
    assert [send(post, now) - now for now in (50, 100, 199, 200, 1_000)] == [7, 7, 7, 9, 11]


def test_orders_of_one_moment_each_take_their_own_time():
    post = lines(latencies=[(100, 7, 70), (200, 9, 90), (200, 12, 90), (300, 11, 110)])
    assert [send(post, now) - now for now in (100, 200, 200, 200, 300)] == [7, 9, 12, 12, 11]


def test_a_recorded_answer_takes_as_long_as_that_to_its_request():
    post = lines(latencies=[(100, 7, 70), (200, 9, 90)])
    assert answer(post, 1_000, asked_ns=150) == 1_070


def test_the_venue_is_ahead_of_us_by_the_way_of_the_feed_and_never_goes_back():
    post = lines(feed_ns=40)
    rows = load([trade(0, 5, 1, 1), trade(0, 5, 1, 1)])
    rows["ts_ns"] = 1_000, 1_010
    assert [sut.venue_time(post, row) for row in rows] == [960, 970]


def test_a_recorded_time_of_the_venue_counts_on_our_clock():
    """Ours is 1,270 behind: a book of 2,000 there was at 730 here, and heard at 760."""
    post = lines(uses_exch_ts=1, clock_ahead_ns=-1_270)
    rows = load([trade(0, 5, 1, 1, 2_000), trade(0, 5, 1, 1, 1_990), trade(0, 5, 1, 1, 9_000)])
    rows["ts_ns"] = 760, 765, 800
    assert [sut.venue_time(post, row) for row in rows] == [730, 730, 800]


def test_a_full_line_has_no_room():
    post = lines()
    assert sut.has_room(post, len(post.intents), len(post.reports))
    send(post, 1)
    assert not sut.has_room(post, len(post.intents), 0)
    assert math.isfinite(sut.next_intent_ns(post))
