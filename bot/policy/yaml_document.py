"""A policy file read from YAML: bounded, without anchors or tags, and with the line of everything in it. Pure.

Imported late: most projects have no such file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from bot.policy.document import MAX_BYTES, Document, Place, PolicyError, Problem

MAX_DEPTH = 8

# The core schema of YAML 1.2, in which `on`, `no` and `22:00` are words and a day is no date yet.
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?([0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})")


def read(data: bytes, source: str) -> Document:
    """The document in `data`; an empty one has no values. Raises PolicyError."""
    if len(data) > MAX_BYTES:
        raise PolicyError(source, Problem(1, f"the file has more than {MAX_BYTES:,} bytes: make it shorter"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError(source, Problem(line, "this is not UTF-8")) from error
    try:
        reading = _Reading(source, yaml.parse(text, Loader=yaml.SafeLoader))
        values = reading.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise PolicyError(source, Problem(line, f"not valid YAML: {error.problem or error.context}")) from error
    except yaml.YAMLError as error:
        said = str(error).splitlines()[0]
        raise PolicyError(source, Problem(1, f"not valid YAML: {said}")) from error
    if values is not None and not isinstance(values, dict):
        raise PolicyError(source, Problem(1, "settings and their values are expected: `labels: [dependencies]`"))
    return Document(values or {}, reading.lines)


class _Reading:
    """Builds values from the parser's events, which come one at a time: what is too deep is never built."""

    def __init__(self, source: str, events: Iterator[yaml.Event]) -> None:
        self._source, self._events = source, events
        self.lines: dict[Place, int] = {(): 1}

    def document(self) -> Any:
        value: Any = None
        seen = False
        for event in self._events:
            match event:
                case yaml.DocumentStartEvent():
                    if seen:
                        raise self._problem(event, "a second document: one file is one policy")
                    seen = True
                    value = self._value(next(self._events), ())
                case _:
                    continue
        return value

    def _value(self, event: yaml.Event, place: Place) -> Any:
        self._refuse(event, place)
        match event:
            case yaml.ScalarEvent():
                return _scalar(event)
            case yaml.SequenceStartEvent():
                return list(self._items(place))
            case _:
                return self._mapping(place)

    def _items(self, place: Place) -> Iterator[Any]:
        number = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            inner = (*place, number)
            self.lines[inner] = event.start_mark.line + 1
            yield self._value(event, inner)
            number += 1

    def _mapping(self, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._problem(event, "a name is expected before the colon")
            self._refuse(event, place)
            if event.value in found:
                raise self._problem(event, f"{event.value!r} is given twice")
            inner = (*place, event.value)
            self.lines[inner] = event.start_mark.line + 1
            found[event.value] = self._value(next(self._events), inner)
        return found

    def _refuse(self, event: yaml.Event, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._problem(event, "anchors and aliases are not read: write the value out")
        if event.tag is not None and event.tag != "!":
            raise self._problem(event, f"the tag {event.tag} is not read: write the plain value")
        if len(place) > MAX_DEPTH:
            raise self._problem(event, f"nested more than {MAX_DEPTH} levels deep")

    def _problem(self, event: yaml.Event, words: str) -> PolicyError:
        return PolicyError(self._source, Problem(event.start_mark.line + 1, words))


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
