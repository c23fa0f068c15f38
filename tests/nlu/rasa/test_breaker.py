import pytest
from structlog.testing import capture_logs

from nlu.rasa.breaker import Breaker, BreakerOpen
from nlu.rasa.client import RasaUnavailable
from tests.nlu.rasa.scripted import Clock


def _breaker(clock: Clock) -> Breaker:
    return Breaker(clock=clock, failing=RasaUnavailable, name="Rasa", failures=3)


def _fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(RasaUnavailable), breaker.guard():
            raise RasaUnavailable("Rasa is away.")


def _succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


def test_it_opens_after_several_failures_in_a_row() -> None:
    breaker = _breaker(Clock())
    _fail(breaker, 2)
    _succeed(breaker)
    _fail(breaker, 2)
    assert not breaker.is_open
    _fail(breaker, 1)
    with pytest.raises(BreakerOpen), breaker.guard():
        raise AssertionError("nothing may pass")


def test_after_the_pause_one_call_tries_and_the_others_wait() -> None:
    clock = Clock()
    breaker = _breaker(clock)
    _fail(breaker, 3)
    clock.move(11)
    with breaker.guard(), pytest.raises(BreakerOpen), breaker.guard():
        raise AssertionError("only one may try")
    assert not breaker.is_open


def test_a_failed_try_starts_another_pause() -> None:
    clock = Clock()
    breaker = _breaker(clock)
    _fail(breaker, 3)
    clock.move(11)
    _fail(breaker, 1)
    clock.move(5)
    with pytest.raises(BreakerOpen), breaker.guard():
        raise AssertionError("still paused")
    clock.move(6)
    _succeed(breaker)
    assert not breaker.is_open


def test_a_cancelled_try_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = _breaker(clock)
    _fail(breaker, 3)
    clock.move(11)
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    assert breaker.is_open
    _succeed(breaker)
    assert not breaker.is_open


def test_an_outage_is_logged_when_it_starts_and_when_it_ends() -> None:
    clock = Clock()
    breaker = _breaker(clock)
    with capture_logs() as logs:
        _fail(breaker, 3)
        for _ in range(20):
            clock.move(11)
            _fail(breaker, 1)
        clock.move(11)
        _succeed(breaker)
        _succeed(breaker)
    assert [entry["event"] for entry in logs] == ["breaker_opened", "breaker_closed"]
