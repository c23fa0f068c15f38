from datetime import timedelta

from core.messages import EventKind
from core.preferences import load_brand, save_brand
from handoff.cases import load, open_case_of, resolve
from handoff.desk_rules import DeskRules, save_rules
from handoff.promises.promising import Told, promise_for
from tests.handoff.conftest import Desk
from tests.handoff.floor import Floor


async def answered(floor: Floor, *minutes: int) -> None:
    """Cases that were opened one after the other and answered after so many minutes each."""
    for wait in minutes:
        case = await floor.case()
        floor.desk.clock.forward(minutes=wait)
        await floor.replies("ann", case)
        async with floor.desk.database.write() as session:
            await resolve(session, case, floor.people["ann"].actor, at=floor.desk.clock())
        floor.desk.clock.forward(minutes=1)


async def promised(floor: Floor, conversation_id: int) -> Told | None:
    async with floor.desk.database.write() as session:
        conversation = await load(session, conversation_id)
        case = await open_case_of(session, conversation_id)
        assert case is not None
        return await promise_for(session, case, conversation, now=floor.desk.clock())


async def test_a_promise_says_which_data_it_comes_from(floor: Floor) -> None:
    await floor.agent("ann")
    await answered(floor, 10, 10, 10, 10, 10)
    case = await floor.case()
    told = await promised(floor, case)
    assert told is not None
    assert told.until >= floor.desk.clock() + timedelta(minutes=10)
    [event] = await floor.events(case, EventKind.PROMISE)
    assert event.details["until"] == told.until.isoformat()
    assert (event.details["waits"], event.details["ahead"], event.details["team"]) == (5, 0, None)


async def test_nothing_is_promised_without_data_nor_where_the_managers_do_not_want_it(
    floor: Floor,
) -> None:
    await floor.agent("ann")
    assert await promised(floor, await floor.case()) is None
    await answered(floor, 10, 10, 10, 10, 10)
    async with floor.desk.database.write() as session:
        await save_rules(session, DeskRules(promise=False))
    case = await floor.case()
    assert await promised(floor, case) is None
    assert await floor.events(case, EventKind.PROMISE) == []


async def test_it_is_told_in_the_brands_time_zone(floor: Floor) -> None:
    async with floor.desk.database.write() as session:
        await save_brand(session, (await load_brand(session)).with_changes({"timezone": "Asia/Kuala_Lumpur"}))
    await floor.agent("ann")
    await answered(floor, 10, 10, 10, 10, 10)
    told = await promised(floor, await floor.case())
    assert told is not None
    assert told.now.utcoffset() == timedelta(hours=8)
    assert told.now == floor.desk.clock()


async def test_a_team_with_enough_waits_of_its_own_is_measured_by_them(
    floor: Floor,
) -> None:
    await floor.agent("ann")
    await answered(floor, 50, 50, 50, 50, 50)
    await floor.team("quick", "ann")
    await floor.router.route_once()
    for _ in range(5):
        case = await floor.case()
        await floor.router.route_once()
        floor.desk.clock.forward(minutes=2)
        await floor.replies("ann", case)
    case = await floor.case()
    told = await promised(floor, case)
    [event] = await floor.events(case, EventKind.PROMISE)
    assert event.details["team"] == "quick"
    assert told is not None
    assert told.until - told.now <= timedelta(minutes=10)


async def test_the_desk_shows_the_promise_among_the_events(floor: Floor, desk: Desk) -> None:
    ann = await floor.agent("ann")
    await answered(floor, 10, 10, 10, 10, 10)
    case = await floor.case()
    await promised(floor, case)
    shown = (await ann.http.get(f"/api/v1/conversations/{case}/thread")).json()["events"]
    assert [one["kind"] for one in shown][-1] == "promise"
