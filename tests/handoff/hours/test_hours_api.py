from core.roles import Role
from tests.handoff.conftest import Desk

WORKDAY = {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]}


async def test_hours_that_overlap_end_before_they_begin_or_have_no_zone_are_refused_and_nothing_is_lost(
    desk: Desk,
) -> None:
    manager = await desk.person(Role.MANAGER)
    kept = await manager.http.put("/api/v1/brand", json={"hours": WORKDAY, "timezone": "Europe/Kyiv", "holidays": "MY"})
    assert kept.status_code == 200, kept.text
    for change, sentence in (
        ({"hours": {"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}}, "hours.mon: 09:00–13:00 and 12:00–18:00"),
        ({"hours": {"mon": [["18:00", "09:00"]]}}, "hours.mon[0]: closes at 09:00, which is not after 18:00"),
        ({"timezone": "Europe/Kiew"}, "timezone: "),
        ({"holidays": "Narnia"}, "holidays: 'Narnia' is not a country"),
    ):
        refused = await manager.http.put("/api/v1/brand", json=change)
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith(sentence)
    assert (await manager.http.get("/api/v1/brand")).json() == kept.json()


async def test_the_holidays_of_a_year_can_be_looked_at_before_they_are_chosen(desk: Desk) -> None:
    person = await desk.person(Role.AGENT)
    countries = (await person.http.get("/api/v1/hours/countries")).json()["items"]
    assert next(one | {"regions": one["regions"][:3]} for one in countries if one["code"] == "MY") == {
        "code": "MY",
        "regions": ["01", "02", "03"],
    }
    found = (await person.http.get("/api/v1/hours/holidays", params={"country": "MY", "year": 2026})).json()["items"]
    assert "2026-08-31" in [one["day"] for one in found]
    unknown = await person.http.get("/api/v1/hours/holidays", params={"country": "XX", "year": 2026})
    assert unknown.status_code == 422
