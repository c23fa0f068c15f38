"""The opening hours that the brand has set."""

from core.preferences import Brand
from handoff.hours.opening_hours import OpeningHours
from handoff.hours.parsing import parse_opening_hours, refuse_overlaps


def brand_hours(brand: Brand) -> OpeningHours | None:
    """None where no hours are set. Raises `OpeningHoursMistake`."""
    return parse_opening_hours(
        hours=brand.hours, closed=list(brand.closed), timezone=brand.timezone, country=brand.holidays
    )


def check_brand_hours(brand: Brand) -> None:
    """For a brand that somebody is about to save. Raises `OpeningHoursMistake`, also for overlapping intervals."""
    brand_hours(brand)
    refuse_overlaps(brand.hours)
