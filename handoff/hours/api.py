"""REST: which country calendars there are, and what one says of a year."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from core.access import Access
from core.errors import UserMistake
from core.roles import Actor, Permission
from handoff.hours.country_holidays import country_codes, country_holidays, public_holidays, regions_of


class CountryItem(BaseModel):
    code: str
    regions: list[str]


class CountryList(BaseModel):
    items: list[CountryItem]


class HolidayItem(BaseModel):
    day: date
    name: str


class HolidayList(BaseModel):
    items: list[HolidayItem]


def create_router(*, access: Access) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter(prefix="/hours", tags=["brand"])
    Reading = Annotated[Actor, Depends(access.require(Permission.READ_BRAND))]  # noqa: N806 - a type

    @router.get("/countries")
    async def countries(actor: Reading) -> CountryList:
        del actor
        items = [CountryItem(code=code, regions=list(regions_of(code))) for code in sorted(country_codes())]
        return CountryList(items=items)

    @router.get("/holidays")
    async def holidays_of(
        actor: Reading, country: Annotated[str, Query(max_length=16)], year: Annotated[int, Query(ge=1970, le=2100)]
    ) -> HolidayList:
        """The public holidays of a country (`UA`) or region (`MY-10`), in order."""
        del actor
        if country_holidays(country) is None:
            raise UserMistake("country: has no calendar; `GET hours/countries` lists those that have.")
        return HolidayList(items=[HolidayItem(day=one.day, name=one.name) for one in public_holidays(country, year)])

    return router
