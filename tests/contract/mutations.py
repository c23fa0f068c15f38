"""Damaged JSON: a good value with a few of its places replaced, removed or renamed."""

import copy
from typing import Any

from hypothesis import strategies as st

_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 0, 10**10, 10**13, 10**18, 10**40])
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["", "\x00", "\ud800", "2026-02-30T99:00:00+0000", "1772040000123", "x" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of every part of a JSON value, its own (the empty one) first."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found.extend(places(inner, (*path, key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found.extend(places(inner, (*path, index)))
    return found


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """The value with one to three places damaged; the value itself stays as it is."""
    result = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(result)))
        if not path:
            return draw(_anything)
        holder = result
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[path[-1]] = draw(_anything)
        else:
            del holder[path[-1]]
    return result
