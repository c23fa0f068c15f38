from datetime import timedelta

from sqlalchemy import select

from core.messages import ConversationStatus, EventKind
from core.preferences import load_brand, save_brand
from core.roles import Role
from handoff.cases import customer_wrote, load
from handoff.desk_rules import DeskRules, ServiceLevel, save_rules
from handoff.routing.models import CaseRoute
from handoff.teams.availability import Availability
from tests.handoff.floor import Floor


async def test_cases_go_round_to_those_who_are_online_and_have_room(floor: Floor) -> None:
    await floor.agent("ann", capacity=2)
    await floor.agent("ben", capacity=1)
    await floor.agent("cem", online=False)
    await floor.team("all", "ann", "ben", "cem")
    cases = [await floor.case() for _ in range(5)]
    for _ in range(3):
        await floor.router.route_once()
        floor.desk.clock.forward(seconds=1)
    assert [await floor.owner(one) for one in cases] == ["ann", "ben", "ann", None, None]
    assert (await floor.conversation(cases[3])).status == ConversationStatus.WAITING
    [assigned] = await floor.events(cases[0], EventKind.ASSIGN)
    assert assigned.details == {"team": "all"}


async def test_a_case_goes_to_the_team_of_its_language_and_channel(floor: Floor) -> None:
    for name in ("ann", "olha", "tess"):
        await floor.agent(name)
    await floor.team("everything", "ann")
    await floor.team("ukrainian", "olha", languages=["uk"])
    await floor.team("elsewhere", "tess", channels=["messenger"])
    in_english, in_ukrainian = await floor.case(language="en"), await floor.case(language="uk")
    await floor.router.route_once()
    assert await floor.owner(in_english) == "ann"
    assert await floor.owner(in_ukrainian) == "olha"


async def test_the_most_urgent_case_is_given_first(floor: Floor) -> None:
    await floor.agent("ann", capacity=1)
    await floor.team("all", "ann")
    await floor.case()
    floor.desk.clock.forward(minutes=1)
    urgent = await floor.case(priority=2)
    await floor.router.route_once()
    assert await floor.owner(urgent) == "ann"


async def test_a_team_without_members_gets_nothing_and_the_case_stays_for_everybody(floor: Floor) -> None:
    await floor.team("nobody")
    case = await floor.case()
    assert (await floor.router.route_once()).given == 0
    assert (await floor.conversation(case)).status == ConversationStatus.WAITING


async def test_nobody_online_leaves_it_in_the_queue_and_who_comes_gets_it(floor: Floor) -> None:
    await floor.agent("ann", online=False)
    await floor.team("all", "ann")
    case = await floor.case()
    await floor.router.route_once()
    assert await floor.owner(case) is None
    await floor.comes("ann", Availability.AWAY)
    await floor.router.route_once()
    assert await floor.owner(case) is None, "away is not there"
    await floor.comes("ann")
    await floor.router.route_once()
    assert await floor.owner(case) == "ann"


async def test_who_does_nothing_is_away_by_himself(floor: Floor) -> None:
    await floor.agent("ann")
    await floor.team("all", "ann")
    floor.desk.clock.forward(minutes=11)
    case = await floor.case()
    await floor.router.route_once()
    assert await floor.owner(case) is None


async def test_a_silent_agents_case_goes_to_another_and_not_back_while_he_shows_no_life(floor: Floor) -> None:
    await floor.agent("ann")
    await floor.team("all", "ann", silent_minutes=5)
    case = await floor.case()
    await floor.router.route_once()
    assert await floor.owner(case) == "ann"
    floor.desk.clock.forward(minutes=5)
    await floor.router.route_once()
    assert await floor.owner(case) is None
    [taken] = await floor.events(case, EventKind.RELEASE)
    assert taken.details == {"by": "silence"}
    await floor.agent("ben")
    [team] = (await floor.people["ann"].http.get("/api/v1/teams")).json()["items"]
    both = {"name": "all", "silent_minutes": 5, "members": [one.actor.id for one in floor.people.values()]}
    manager = await floor.desk.person(Role.MANAGER)
    answer = await manager.http.put(f"/api/v1/teams/{team['id']}", json=both)
    assert answer.status_code == 200, answer.text
    await floor.router.route_once()
    assert await floor.owner(case) == "ben"


async def test_an_agent_who_answered_keeps_the_case(floor: Floor) -> None:
    await floor.agent("ann")
    await floor.team("all", "ann", silent_minutes=5)
    case = await floor.case()
    await floor.router.route_once()
    await floor.replies("ann", case)
    floor.desk.clock.forward(minutes=30)
    await floor.router.route_once()
    assert await floor.owner(case) == "ann"


async def test_silence_is_counted_in_opening_hours_only(floor: Floor) -> None:
    await floor.agent("ann")
    hours = {"hours": {"mon": [["08:00", "09:02"]], "tue": [["09:00", "18:00"]]}, "closed": [], "timezone": "UTC"}
    await floor.team("all", "ann", silent_minutes=5, hours=hours)
    case = await floor.case()
    await floor.router.route_once()
    floor.desk.clock.forward(hours=20)
    await floor.router.route_once()
    assert await floor.owner(case) == "ann", "two of the five minutes were open"
    floor.desk.clock.forward(hours=4, minutes=4)
    await floor.router.route_once()
    assert await floor.owner(case) is None


async def test_the_desk_is_warned_before_the_service_level_is_missed_and_once_it_is(floor: Floor) -> None:
    async with floor.desk.database.write() as session:
        await save_rules(session, DeskRules(level=ServiceLevel(first_response_minutes=20, warn_share=0.5)))
    case = await floor.case()
    person = await floor.agent("ann")
    await floor.router.route_once()
    shown = (await person.http.get(f"/api/v1/conversations/{case}")).json()
    assert shown["warn_at"] == (floor.desk.clock() + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    floor.desk.clock.forward(minutes=9)
    await floor.router.route_once()
    assert await floor.events(case, EventKind.WARNING) == []
    for _ in range(3):
        floor.desk.clock.forward(minutes=6)
        await floor.router.route_once()
    warnings = await floor.events(case, EventKind.WARNING)
    assert [one.details["missed"] for one in warnings] == [False, True]


async def test_an_answer_ends_the_timer_and_the_next_wait_is_timed_as_a_reply(floor: Floor) -> None:
    level = {"first_response_minutes": 20, "reply_minutes": 40}
    await floor.agent("ann")
    await floor.team("all", "ann", level=level)
    case = await floor.case()
    await floor.router.route_once()
    await floor.replies("ann", case)
    await floor.router.route_once()
    shown = (await floor.people["ann"].http.get(f"/api/v1/conversations/{case}")).json()
    assert (shown["team"]["name"], shown["due_at"]) == ("all", None)
    floor.desk.clock.forward(hours=1)
    async with floor.desk.database.write() as session:
        await customer_wrote(session, await load(session, case), at=floor.desk.clock())
    await floor.router.route_once()
    async with floor.desk.database.read() as session:
        route = (await session.scalars(select(CaseRoute))).one()
    assert route.due_at == floor.desk.clock() + timedelta(minutes=40)


async def test_brand_hours_hold_for_a_team_without_its_own(floor: Floor) -> None:
    async with floor.desk.database.write() as session:
        brand = (await load_brand(session)).with_changes({"hours": {"tue": [["09:00", "18:00"]]}})
        await save_brand(session, brand)
    await floor.agent("ann")
    await floor.team("all", "ann", level={"first_response_minutes": 30})
    case = await floor.case()
    await floor.router.route_once()
    shown = (await floor.people["ann"].http.get(f"/api/v1/conversations/{case}")).json()
    assert shown["due_at"] == "2026-03-03T09:30:00Z"


async def test_who_answers_others_meanwhile_is_busy_and_not_silent(floor: Floor) -> None:
    await floor.agent("ann")
    await floor.team("all", "ann", silent_minutes=5)
    first, second = await floor.case(), await floor.case()
    await floor.router.route_once()
    floor.desk.clock.forward(minutes=4)
    await floor.replies("ann", first)
    floor.desk.clock.forward(minutes=4)
    await floor.router.route_once()
    assert await floor.owner(second) == "ann"
    floor.desk.clock.forward(minutes=7)
    await floor.router.route_once()
    assert await floor.owner(second) is None, "nobody is busy for ever"


async def test_who_put_a_case_back_does_not_get_it_again(floor: Floor) -> None:
    ann = await floor.agent("ann")
    await floor.team("all", "ann")
    case = await floor.case()
    await floor.router.route_once()
    assert (await ann.http.post(f"/api/v1/conversations/{case}/release")).status_code == 200
    await floor.router.route_once()
    assert await floor.owner(case) is None
    again = await floor.case()
    await floor.router.route_once()
    assert await floor.owner(again) == "ann"
