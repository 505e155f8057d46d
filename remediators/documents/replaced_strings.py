"""A read document with other strings in it: what an edited file has to read as."""

from __future__ import annotations

from collections.abc import Mapping

from remediators.documents.toml_spans import Path


def with_strings(value: object, strings: Mapping[Path, str]) -> object:
    """A copy of `value` with these strings in place of those at these paths; what has none of them is shared.

    Raises KeyError when a path does not lead to a string.
    """
    if not strings:
        return value
    if () in strings:
        if not isinstance(value, str) or len(strings) > 1:
            raise KeyError(())
        return strings[()]
    # All that lies below one step goes together: a copy for each string would take time by their square.
    below: dict[str | int, dict[Path, str]] = {}
    for path, string in strings.items():
        below.setdefault(path[0], {})[path[1:]] = string
    if isinstance(value, Mapping):
        return {**value, **{step: with_strings(value[step], inner) for step, inner in below.items()}}
    if isinstance(value, list) and all(step in range(len(value)) for step in below):
        return [with_strings(held, below.get(place, {})) for place, held in enumerate(value)]
    raise KeyError(next(iter(below)))
