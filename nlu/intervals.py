"""Intervals of a rate that was counted."""

import math
from typing import Final

_95_PERCENT: Final = 1.959964


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % score interval of `hits / count` (Wilson 1927); everything is possible where nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    rate, square = hits / count, _95_PERCENT**2
    centre = (rate + square / (2 * count)) / (1 + square / count)
    reach = _95_PERCENT / (1 + square / count) * math.sqrt(rate * (1 - rate) / count + square / (4 * count**2))
    return max(0.0, centre - reach), min(1.0, centre + reach)
