"""Which policy holds: strict files, layers over each other, and the published schema."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.config import PolicySettings
from bot.policy.document import PolicyError
from bot.policy.model import Policy
from bot.policy.resolve import resolve, said, settings
from bot.policy.schema import schema
from tests.end_to_end.world import ROOT

EVERYTHING = """\
cooldown_days: {major: 14}
updates: {major: false, security: minor}
ignore:
  - {package: "lodash*", path: legacy/*, advisory: CVE-2026-1, until: 2027-01-01, why: not reachable}
allowed: {django: "<5"}
groups: {lint: [eslint, "@types/*"]}
open_merge_requests: 3
merge_requests_per_day: 2
schedule: {days: mon-fri, hours: "22:00-06:00", timezone: Europe/Berlin}
labels: [deps]
reviewers: [alice]
target_branch: develop
issues: vulnerable
approval: {critical: manual}
automerge: [patch, security]
due_days: {critical: 3}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        settings(text.encode(), "f")
    return [str(problem) for problem in refused.value.problems]


def test_every_field_can_be_written() -> None:
    assert settings(EVERYTHING.encode(), "f").keys() == Policy.model_fields.keys()


def test_every_mistake_is_told_with_its_line_and_what_may_have_been_meant() -> None:
    text = "cooldwon_days: 3\nupdates:\n  majr: false\nopen_merge_requests: many\nignore:\n  - package: x\n"
    assert problems(text) == [
        "line 1: cooldwon_days: there is no such setting; did you mean cooldown_days?",
        "line 3: updates.majr: there is no such setting; did you mean major?",
        "line 4: open_merge_requests: Input should be a valid integer",
        "line 6: ignore.0.why: Field required",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cooldown_days: -1", "Input should be a number of days from 0 to 1000000"),
        ("cooldown_days: .nan", "Input should be a number of days"),
        ("updates: {major: yes}", "updates.major: Input should be a valid boolean"),
        ("ignore: [{why: x}]", "ignore.0: name a package, an advisory or a path to ignore"),
        ("ignore: [{package: x, why: y, until: soon}]", "ignore.0.until: Input should be a valid date"),
        ("schedule: {days: funday}", "schedule.days: 'funday' is not a day"),
        ("schedule: {hours: 9 to 5}", "schedule.hours: '9 to 5' is not a time of day"),
        ("schedule: {timezone: ../../etc/passwd}", "schedule.timezone: '../../etc/passwd' is not a time zone"),
        (
            "allowed: {django: '<5 or'}",
            "line 1: allowed.django: '<5 or' is no range that PyPI or npm understands: write",
        ),
        ("allowed:\n  vue: ^3\n  '@scope/*': latest", "line 3: allowed.@scope/*: 'latest' is no range"),
        ("groups: {'../x': [y]}", "groups: '../x' is not a name for a group"),
        ('labels: ["a\\tb"]', "labels.0: Input should be words on one line, without a comma"),
        ("reviewers: ['@alice']", "reviewers.0: Input should be a user name, without @"),
        ("target_branch: --upload-pack=x", "target_branch: Input should be the name of a branch"),
        ("issues: sometimes", "issues: Input should be 'always', 'vulnerable' or 'never'"),
    ],
)
def test_a_value_that_cannot_be_followed_is_refused(text: str, words: str) -> None:
    (problem,) = problems(text)
    assert words in problem


@pytest.mark.parametrize("wanted", [">=4.2,<5", "~=4.2", "==4.*", "^4 || ^5", ">=4 <5", "4.x", "1.0 - 2", "*", ""])
def test_a_range_that_any_ecosystem_understands_is_taken(wanted: str) -> None:
    assert settings(json.dumps({"allowed": {"x": wanted}}).encode(), "f")["allowed"] == {"x": wanted}


def test_the_nearer_layer_wins_setting_by_setting() -> None:
    ours = said(PolicySettings(cooldown_days=5, labels=("ours",)))  # type: ignore[arg-type]  # a number stands for all
    group = settings(b"labels: [group]\nupdates: {major: false}\nallowed: {a: <2}", "g")
    own = settings(b"cooldown_days: {security: 0}\nupdates: {minor: false}\nallowed: {b: <3}", "p")
    policy = resolve((ours, group, own))
    assert policy.cooldown_days.of("major") == timedelta(days=5)
    assert policy.cooldown_days.of("security") == timedelta(0)
    assert policy.labels == ("group",)
    assert policy.updates.steps == {"patch"}
    assert policy.allowed == {"a": "<2", "b": "<3"}


def test_exceptions_of_all_layers_hold() -> None:
    one, other = (settings(f"ignore: [{{package: {name}, why: x}}]".encode(), "f") for name in "ab")
    assert [entry.package for entry in resolve((one, other)).ignore] == ["a", "b"]


def test_what_is_not_said_is_not_set() -> None:
    assert said(PolicySettings(second_opinion=False)) == {}
    assert resolve(()) == Policy()


def test_the_published_schema_is_the_current_one() -> None:
    published = (ROOT / "docs" / "remediation.schema.json").read_text("utf-8")
    assert json.loads(published) == schema(), "make it anew: bot config schema > docs/remediation.schema.json"


def test_every_field_is_documented() -> None:
    text = (ROOT / "docs" / "policy.md").read_text("utf-8")
    assert [name for name in Policy.model_fields if f"`{name}" not in text] == []
