"""Lists of issues and merge requests: GitLab's filters as a table of parameter to test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.parameters import Parameters, invalid
from bot.sandbox.rules import labels
from bot.sandbox.rules.issuables import Issuable
from bot.sandbox.text import search
from bot.sandbox.text.titles import is_draft
from bot.sandbox.world import Issue, Milestone, User, World

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter sees: the world, who asks, and the parameters (of the list, or of its `not`)."""

    world: World
    viewer: User | None
    params: Parameters


def found(world: World, viewer: User | None, params: Parameters, candidates: Iterable[Issuable]) -> list[Any]:
    """Those of `candidates` that the parameters want, in the order that they want. ApiError 400 for a bad value."""
    tests = _tests(Asked(world, viewer, params))
    negated = params.raw("not")
    if isinstance(negated, Mapping):
        tests += [_negated(test) for test in _tests(Asked(world, viewer, Parameters(negated)))]
    wanted = [one for one in candidates if all(test(one) for test in tests)]
    return _ordered(world, params, wanted)


def _negated(test: Test) -> Test:
    return lambda one: not test(one)


def _tests(asked: Asked) -> list[Test]:
    return [
        test
        for name, make in _FILTERS.items()
        if asked.params.raw(name) not in (None, "") and (test := make(asked, name)) is not None
    ]


def _state(asked: Asked, name: str) -> Test | None:
    state = asked.params.choice(name, ("opened", "closed", "locked", "merged", "all"))
    return None if state == "all" else lambda one: one.state == state


def _labels(asked: Asked, name: str) -> Test:
    wanted = asked.params.strings(name) or ()
    folded = tuple(word.lower() for word in wanted)
    if folded in (("none",), ("any",)):
        return lambda one: bool(one.label_ids) == (folded == ("any",))
    return lambda one: set(wanted) <= {label.name for label in labels.of(asked.world, one.label_ids)}


def _milestone(asked: Asked, name: str) -> Test:
    title = asked.params.text(name)

    def title_of(one: Issuable) -> str | None:
        milestone: Milestone | None = asked.world.milestones.get(one.milestone_id)
        return milestone.title if milestone else None

    if title in ("None", "Any"):
        return lambda one: (title_of(one) is not None) == (title == "Any")
    return lambda one: title_of(one) == title


def _iids(asked: Asked, name: str) -> Test:
    wanted = set(asked.params.integers(name) or ())
    return lambda one: one.iid in wanted


def _search(asked: Asked, name: str) -> Test:
    query = asked.params.text(name) or ""
    fields = asked.params.strings("in") or ("title", "description")

    def test(one: Issuable) -> bool:
        texts = [getattr(one, field) or "" for field in ("title", "description") if field in fields]
        return search.by_words(query, texts) if isinstance(one, Issue) else search.by_pieces(query, texts)

    return test


def _person_id(field: str) -> Callable[[Asked, str], Test]:
    def make(asked: Asked, name: str) -> Test:
        raw = asked.params.text(name) or ""
        if raw.lower() in ("none", "any", "0"):
            return lambda one: bool(_ids(one, field)) == (raw.lower() == "any")
        if not raw.isdecimal():
            raise invalid(name)
        return lambda one: int(raw) in _ids(one, field)

    return make


def _person_name(field: str) -> Callable[[Asked, str], Test]:
    def make(asked: Asked, name: str) -> Test:
        names = asked.params.strings(name) or ()
        if [word.lower() for word in names] in (["none"], ["any"]):
            return lambda one: bool(_ids(one, field)) == (names[0].lower() == "any")
        users = [asked.world.users.one(username=word.lstrip("@")) for word in names]
        return lambda one: bool(users) and all(user is not None and user.id in _ids(one, field) for user in users)

    return make


def _ids(one: Issuable, field: str) -> tuple[int, ...]:
    value = getattr(one, field, None)
    if isinstance(value, tuple):
        return tuple(entry[0] if isinstance(entry, tuple) else entry for entry in value)
    return () if value is None else (value,)


def _after(field: str) -> Callable[[Asked, str], Test | None]:
    def make(asked: Asked, name: str) -> Test | None:
        moment = asked.params.time(name)
        return None if moment is None else lambda one: getattr(one, field) >= moment

    return make


def _before(field: str) -> Callable[[Asked, str], Test | None]:
    def make(asked: Asked, name: str) -> Test | None:
        moment = asked.params.time(name)
        return None if moment is None else lambda one: getattr(one, field) <= moment

    return make


def _scope(asked: Asked, name: str) -> Test | None:
    scope = (asked.params.text(name) or "").replace("-", "_")
    field = {"created_by_me": "author_id", "assigned_to_me": "assignee_ids", "reviews_for_me": "reviewer_ids"}.get(
        scope
    )
    if field is None:
        return None
    viewer = asked.viewer
    return lambda one: viewer is not None and viewer.id in _ids(one, field)


def _reaction(asked: Asked, name: str) -> Test:
    wanted, viewer = asked.params.text(name), asked.viewer

    def test(one: Issuable) -> bool:
        given = asked.world.award_emoji.where(awardable_type=type(one).__name__, awardable_id=one.id)
        mine = {award.name for award in given if viewer is not None and award.user_id == viewer.id}
        return bool(mine) == (wanted == "Any") if wanted in ("None", "Any") else wanted in mine

    return test


def _equal(field: str) -> Callable[[Asked, str], Test]:
    def make(asked: Asked, name: str) -> Test:
        wanted = asked.params.text(name)
        return lambda one: str(getattr(one, field, None)) == wanted

    return make


def _confidential(asked: Asked, name: str) -> Test:
    wanted = asked.params.boolean(name)
    return lambda one: one.confidential == wanted


def _wip(asked: Asked, name: str) -> Test:
    wanted = asked.params.choice(name, ("yes", "no"))
    return lambda one: is_draft(one.title) == (wanted == "yes")


def _approved(asked: Asked, name: str) -> Test:
    wanted = asked.params.choice(name, ("yes", "no"))
    return lambda one: bool(one.approved_by) == (wanted == "yes")


_FILTERS: Mapping[str, Callable[[Asked, str], Test | None]] = {
    "state": _state,
    "scope": _scope,
    "iids": _iids,
    "author_id": _person_id("author_id"),
    "author_username": _person_name("author_id"),
    "assignee_id": _person_id("assignee_ids"),
    "assignee_username": _person_name("assignee_ids"),
    "reviewer_id": _person_id("reviewer_ids"),
    "reviewer_username": _person_name("reviewer_ids"),
    "merge_user_id": _person_id("merged_by_id"),
    "merge_user_username": _person_name("merged_by_id"),
    "approved_by_ids": _person_id("approved_by"),
    "approved_by_usernames": _person_name("approved_by"),
    "closed_by_id": _person_id("closed_by_id"),
    "source_branch": _equal("source_branch"),
    "target_branch": _equal("target_branch"),
    "source_project_id": _equal("source_project_id"),
    "issue_type": _equal("issue_type"),
    "weight": _equal("weight"),
    "confidential": _confidential,
    "wip": _wip,
    "approved": _approved,
    "created_after": _after("created_at"),
    "created_before": _before("created_at"),
    "updated_after": _after("updated_at"),
    "updated_before": _before("updated_at"),
    "labels": _labels,
    "milestone": _milestone,
    "milestone_id": _milestone,
    "my_reaction_emoji": _reaction,
    "search": _search,
}

_ORDERS: Mapping[str, Callable[[World, Any], Any]] = {
    "created_at": lambda world, one: one.created_at.timestamp(),
    "updated_at": lambda world, one: one.updated_at.timestamp(),
    "merged_at": lambda world, one: one.merged_at.timestamp() if one.merged_at else 0.0,
    "title": lambda world, one: one.title.lower(),
    "due_date": lambda world, one: one.due_date.toordinal() if one.due_date else 10**7,
    "weight": lambda world, one: one.weight if one.weight is not None else 10**7,
    "relative_position": lambda world, one: one.id,
    "popularity": lambda world, one: sum(
        award.name == "thumbsup"
        for award in world.award_emoji.where(awardable_type=type(one).__name__, awardable_id=one.id)
    ),
    "priority": lambda world, one: one.id,
    "label_priority": lambda world, one: one.id,
    "milestone_due": lambda world, one: one.id,
}


def _ordered(world: World, params: Parameters, found: list[Any]) -> list[Any]:
    order = params.choice("order_by", tuple(_ORDERS)) or "created_at"
    direction = params.choice("sort", ("asc", "desc")) or "desc"
    key = _ORDERS[order]
    return sorted(found, key=lambda one: (key(world, one), one.id), reverse=direction == "desc")
