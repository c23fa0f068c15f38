"""Pacing, with the event loop's own clock: what waits and what does not, never how long."""

import asyncio

from bot.pacing import Bucket, Pace


def test_a_burst_goes_at_once_and_then_one_after_the_other() -> None:
    bucket = Bucket(rate=1.0, burst=3.0)
    assert [bucket.reserve() for _ in range(3)] == [0.0, 0.0, 0.0]
    fourth, fifth = bucket.reserve(), bucket.reserve()
    assert 0.9 < fourth <= 1.0
    assert 1.9 < fifth <= 2.0


def test_a_pause_holds_everybody_and_the_longest_one_counts() -> None:
    bucket = Bucket(rate=100.0, burst=100.0)
    bucket.pause(50)
    bucket.pause(5)
    assert 49 < bucket.reserve() <= 50
    assert 49 < bucket.paused_for() <= 50


async def test_one_recipients_queue_does_not_hold_up_another() -> None:
    pace = Pace(account_per_second=1000.0, recipient_per_second=0.001)
    for _ in range(3):
        await pace.turn("anna")
    waiting = asyncio.create_task(pace.turn("anna"))
    async with asyncio.timeout(5):
        await pace.turn("boris")
    assert not waiting.done()
    waiting.cancel()


async def test_who_already_waits_hears_of_a_pause_too() -> None:
    pace = Pace(account_per_second=1000.0, recipient_per_second=100.0)
    for _ in range(3):
        await pace.turn("anna")
    waiting = asyncio.create_task(pace.turn("anna"))
    await asyncio.sleep(0)
    pace.pause(600)
    await asyncio.wait([waiting], timeout=0.1)
    assert not waiting.done()
    waiting.cancel()


async def test_recipients_are_forgotten_in_the_end() -> None:
    pace = Pace(account_per_second=1e9, recipient_per_second=1e9)
    for number in range(10_050):
        pace._recipient(str(number))
    assert len(pace._recipients) == 10_000
