"""Other bots' configuration as a policy file, and what of it is only a comment."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from bot.policy.convert import convert
from bot.policy.document import PolicyError


def taken(path: str, text: str) -> tuple[dict[str, Any], list[str]]:
    """(the settings, the comments without the first)."""
    made = convert({path: text.encode()})
    assert made is not None
    comments = [line.removeprefix("# not taken over: ") for line in made.splitlines() if line.startswith("#")]
    return yaml.safe_load(made) or {}, comments[1:]


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        ({"labels": ["a"], "addLabels": ["b"]}, {"labels": ["a", "b"]}),
        ({"prConcurrentLimit": 4, "reviewers": ["alice"]}, {"open_merge_requests": 4, "reviewers": ["alice"]}),
        ({"ignoreDeps": ["x"]}, {"ignore": [{"package": "x", "why": "taken over from Renovate"}]}),
        ({"ignorePaths": ["old/**"]}, {"ignore": [{"path": "old/**", "why": "taken over from Renovate"}]}),
        ({"baseBranches": ["develop"]}, {"target_branch": "develop"}),
        ({"major": {"enabled": False}}, {"updates": {"major": False}}),
        ({"major": {"minimumReleaseAge": "2 weeks"}}, {"cooldown_days": {"major": 14}}),
        (
            {"packageRules": [{"matchPackageNames": ["a", "b*"], "enabled": False}]},
            {"ignore": [{"package": name, "why": "taken over from Renovate"} for name in ("a", "b*")]},
        ),
        (
            {"packageRules": [{"matchPackagePrefixes": ["@x/"], "groupName": "the x es"}]},
            {"groups": {"the-x-es": ["@x/*"]}},
        ),
        (
            {"packageRules": [{"matchPackageNames": ["a"], "allowedVersions": "<5"}]},
            {"allowed": {"a": "<5"}},
        ),
        ({"packageRules": [{"matchUpdateTypes": ["minor"], "enabled": False}]}, {"updates": {"minor": False}}),
        # Fixes do not wait there, and no limit is none.
        ({"minimumReleaseAge": "7 days"}, {"cooldown_days": {"major": 7, "minor": 7, "patch": 7}}),
        ({"prConcurrentLimit": 0}, {}),
        ({"automerge": True, "major": {"automerge": False}}, {"automerge": ["minor", "patch"]}),
        ({"packageRules": [{"matchUpdateTypes": ["patch"], "automerge": True}]}, {"automerge": ["patch"]}),
    ],
    ids=lambda value: next(iter(value), "none"),
)
def test_renovates_settings_have_counterparts(config: dict[str, Any], settings: dict[str, Any]) -> None:
    assert taken("renovate.json", json.dumps(config)) == (settings, [])


@pytest.mark.parametrize(
    ("schedule", "window"),
    [
        (["every weekend"], {"days": "sat,sun"}),
        (
            ["after 10pm every weekday", "before 5am every weekday"],
            {"days": "mon,tue,wed,thu,fri", "hours": "22:00-05:00"},
        ),
        (["before 4:30am on monday and thursday"], {"days": "mon,thu", "hours": "00:00-04:30"}),
        (["after 10pm and before 11pm"], {"hours": "22:00-23:00"}),
        (["* 0-3 * * 1-5"], {"hours": "00:00-04:00", "days": "mon-fri"}),
    ],
    ids=["weekend", "nights", "two days", "an hour", "cron"],
)
def test_renovates_schedules_are_understood(schedule: list[str], window: dict[str, str]) -> None:
    config = {"schedule": schedule, "timezone": "Europe/Berlin"}
    assert taken("renovate.json", json.dumps(config)) == ({"schedule": {**window, "timezone": "Europe/Berlin"}}, [])


@pytest.mark.parametrize(
    ("config", "comment"),
    [
        ({"extends": ["config:recommended"]}, "Renovate's extends"),
        ({"schedule": ["on the first day of the month"]}, "the schedule 'on the first day of the month'"),
        ({"packageRules": [{"matchPackageNames": ["/^a/"], "enabled": False}]}, "a package rule for /^a/"),
        ({"packageRules": [{"matchManagers": ["npm"]}]}, "a package rule for all packages (matchManagers)"),
        ({"reviewers": ["team:x y"]}, 'reviewers ["team:x y"]'),
        ({"x\ny: 1": 1}, "Renovate's x y: 1"),
    ],
    ids=["presets", "schedule", "regular expression", "matcher", "a team", "a line break"],
)
def test_what_has_no_counterpart_is_a_comment(config: dict[str, Any], comment: str) -> None:
    assert taken("renovate.json", json.dumps(config)) == ({}, [comment])


DEPENDABOT = """\
version: 2
updates:
  - package-ecosystem: npm
    directory: /web
    schedule: {interval: weekly, day: tuesday, time: "05:30", timezone: Europe/Oslo}
    open-pull-requests-limit: 5
    target-branch: develop
    labels: [deps]
    ignore:
      - dependency-name: "react*"
      - {dependency-name: "*", update-types: ["version-update:semver-major"]}
      - {dependency-name: vue, versions: [">= 3"]}
    groups: {tests: {patterns: ["jest*"]}}
    cooldown: {default-days: 5, semver-major-days: 30}
    allow: [{dependency-type: direct}]
"""


@pytest.mark.parametrize("path", [".github/dependabot.yml", ".gitlab/dependabot.yml"])
def test_dependabots_settings_have_counterparts(path: str) -> None:
    assert taken(path, DEPENDABOT) == (
        {
            "labels": ["deps"],
            "target_branch": "develop",
            "open_merge_requests": 5,
            "schedule": {"days": "tue", "hours": "05:30-24:00", "timezone": "Europe/Oslo"},
            "ignore": [{"package": "react*", "path": "web/*", "why": "taken over from Dependabot"}],
            "updates": {"major": False},
            "groups": {"tests": ["jest*"]},
            "cooldown_days": {"major": 30, "minor": 5, "patch": 5},
        },
        ["ignoring >= 3 of vue: say with `allowed` which versions may be taken", "Dependabot's npm: allow"],
    )


def test_the_key_of_package_json_is_read() -> None:
    assert taken("package.json", '{"name": "x", "renovate": {"labels": ["a"]}}')[0] == {"labels": ["a"]}


def test_nothing_to_take_over_is_nothing() -> None:
    assert convert({"package.json": b"{}"}) is None


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("renovate.json", b"{\n// a comment\n}", "renovate.json: line 2: not plain JSON"),
        ("renovate.json", b"[]", "renovate.json: line 1: an object is expected"),
        ("renovate.json", b"[" * 100_000, "renovate.json: line 1: nested too deep"),
        (".github/dependabot.yml", b"a: &x 1", ".github/dependabot.yml: line 1: anchors"),
    ],
    ids=["a comment", "a list", "deep", "an anchor"],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(path: str, data: bytes, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        convert({path: data})
    assert str(refused.value).startswith(said)


def test_of_a_list_is_taken_what_has_a_counterpart() -> None:
    config = json.dumps({"reviewers": ["alice", "team:backend"]})
    assert taken("renovate.json", config) == ({"reviewers": ["alice"]}, ['reviewers ["team:backend"]'])
