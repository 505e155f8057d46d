"""What Renovate's configuration says, as a policy: ignored packages, versions, groups, schedules, limits. Pure.

Source: Renovate's documentation of its configuration options, version 44.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping
from typing import Any

from bot.policy.draft import MOST_EXCEPTIONS, Draft, days, objects, strings
from bot.policy.window import DAYS

SOURCE = "Renovate"
STEPS = ("major", "minor", "patch")

# Options with a counterpart of the same shape.
SAME: Mapping[str, str] = {
    "labels": "labels",
    "reviewers": "reviewers",
}
# Read where they belong, or without a meaning here.
_LIMIT = "prConcurrentLimit"
_OWN_PLACE = (
    *("addLabels", "automerge", "ignoreDeps", "ignorePaths", "minimumReleaseAge", "packageRules", _LIMIT),
    *("schedule", "timezone"),
)
_BRANCHES = ("baseBranches", "baseBranchPatterns")
READ = frozenset({"$schema", "description", "enabled", *_OWN_PLACE, *_BRANCHES, *STEPS, *SAME})
_NAMES = ("matchPackageNames", "matchDepNames")
_PREFIXES = ("matchPackagePrefixes", "matchDepPrefixes")
_ACTIONS = frozenset({"enabled", "allowedVersions", "automerge", "groupName", "minimumReleaseAge"})
_WHAT = frozenset({*_NAMES, *_PREFIXES, "matchUpdateTypes", "matchFileNames", "matchPaths", "description"})
_AGE = re.compile(r"(\d+)\s*(day|week|month)s?")
_DAYS_IN = {"day": 1, "week": 7, "month": 30}
_CLOCK = re.compile(r"\b(after|before) (\d{1,2})(?::(\d\d))?\s*(am|pm)?\b")
_CRON = re.compile(r"\* (\*|\d{1,2}-\d{1,2}) \* \* ([\w*,-]+)")


def take(config: Mapping[str, Any], draft: Draft) -> None:
    """Put what a configuration says into the draft."""
    for name, ours in SAME.items():
        if name in config:
            draft.set(ours, config[name])
    _limit(config.get(_LIMIT), draft)
    if "addLabels" in config:
        draft.settings["labels"] = [*draft.settings.get("labels", []), *strings(config["addLabels"])]
    for package in strings(config.get("ignoreDeps")):
        draft.ignore(SOURCE, package=package)
    for path in strings(config.get("ignorePaths")):
        draft.ignore(SOURCE, path=path)
    _target([branch for name in _BRANCHES for branch in strings(config.get(name))], draft)
    _age(config, "", draft)
    _automerge(config, STEPS, draft)
    for step in STEPS:
        _step(config.get(step), step, draft)
    _schedule(strings(config.get("schedule")), config.get("timezone"), draft)
    for rule in objects(config.get("packageRules")):
        _rule(rule, draft)
    for name in sorted(config.keys() - READ):
        draft.note(f"{SOURCE}'s {name}")


def _limit(value: object, draft: Draft) -> None:
    # 0 is no limit there.
    if value not in (None, 0):
        draft.set("open_merge_requests", value)


def _target(branches: list[str], draft: Draft) -> None:
    if len(branches) == 1 and not branches[0].startswith("/"):
        draft.set("target_branch", branches[0])
    elif branches:
        draft.note(f"the target branches {', '.join(branches)}")


def _age(config: Mapping[str, Any], kind: str, draft: Draft) -> None:
    written = config.get("minimumReleaseAge")
    if written is None:
        return
    found = _AGE.fullmatch(str(written).strip())
    if found is None:
        draft.note(f"minimumReleaseAge {written!r}")
    elif kind:
        draft.put("cooldown_days", kind, int(found[1]) * _DAYS_IN[found[2]])
    else:
        # Not for fixes: the default of `vulnerabilityAlerts` takes the age away from them.
        draft.settings["cooldown_days"] = dict.fromkeys(STEPS, int(found[1]) * _DAYS_IN[found[2]])


def _step(value: object, step: str, draft: Draft) -> None:
    if isinstance(value, dict):
        if value.get("enabled") is False:
            draft.put("updates", step, False)
        _automerge(value, (step,), draft)
        _age(value, step, draft)


def _automerge(config: Mapping[str, Any], steps: Collection[str], draft: Draft) -> None:
    known = [step for step in draft.settings.get("automerge", ()) if step not in steps]
    if config.get("automerge") is True:
        draft.settings["automerge"] = [*known, *steps]
    elif config.get("automerge") is False and "automerge" in draft.settings:
        draft.settings["automerge"] = known


def _rule(rule: Mapping[str, Any], draft: Draft) -> None:
    patterns = [name for key in _NAMES for name in strings(rule.get(key))]
    patterns += [f"{name}*" for key in _PREFIXES for name in strings(rule.get(key))]
    steps = strings(rule.get("matchUpdateTypes"))
    paths = [path for key in ("matchFileNames", "matchPaths") for path in strings(rule.get(key))]
    unknown = sorted(rule.keys() - _WHAT - _ACTIONS)
    regular = any(pattern.startswith(("/", "!")) for pattern in patterns)
    if unknown or regular or (steps and (patterns or paths)):
        why = f" ({', '.join(unknown)})" if unknown else ""
        draft.note(f"a package rule for {', '.join((*patterns, *paths)) or 'all packages'}{why}")
        return
    for step in steps:
        _step(rule, step, draft)
    if not steps:
        _rule_of_packages(rule, patterns, paths, draft)


def _rule_of_packages(rule: Mapping[str, Any], patterns: list[str], paths: list[str], draft: Draft) -> None:
    if rule.get("enabled") is False:
        # An empty pattern is none: the other alone says what is meant.
        for pattern, path in itertools.islice(itertools.product(patterns or [""], paths or [""]), MOST_EXCEPTIONS + 1):
            draft.ignore(SOURCE, package=pattern, path=path)
    wanted = str(rule.get("allowedVersions", ""))
    for pattern in patterns if wanted else ():
        if wanted.startswith(("/", "!")):
            draft.note(f"the versions {wanted} of {pattern}")
        else:
            draft.put("allowed", pattern, wanted)
    if isinstance(name := rule.get("groupName"), str):
        draft.group(name, patterns or ["*"])
    for name in sorted({"automerge", "minimumReleaseAge"} & rule.keys()):
        draft.note(f"{name} of {', '.join(patterns) or 'some packages'}")


def _schedule(written: list[str], timezone: object, draft: Draft) -> None:
    if written in ([], ["at any time"]):
        return
    windows = [_window(text.lower().strip()) for text in written]
    if len(windows) == 2 and None not in windows:
        windows = [_night(*windows)]
    window = windows[0]
    if len(windows) != 1 or window is None:
        draft.note(f"the schedule {', '.join(map(repr, written))}")
        return
    draft.set("schedule", {**window, **({"timezone": timezone} if isinstance(timezone, str) else {})})


def _night(first: dict[str, str] | None, second: dict[str, str] | None) -> dict[str, str] | None:
    """The window of an evening and the early morning of the same days, which are told as two."""
    if first is None or second is None or first.get("days") != second.get("days"):
        return None
    early, late = sorted((first.get("hours", ""), second.get("hours", "")))
    if not (early.startswith("00:00-") and late.endswith("-24:00")):
        return None
    return {**first, "hours": f"{late.partition('-')[0]}-{early.partition('-')[2]}"}


def _window(text: str) -> dict[str, str] | None:
    if (cron := _CRON.fullmatch(text)) is not None:
        return _of_cron(cron[1], cron[2])
    times = {word: _clock(int(hour), minute, half) for word, hour, minute, half in _CLOCK.findall(text)}
    rest = _CLOCK.sub("", text)
    named = [word for word in re.findall(r"[a-z]+", rest) if word[:3] in DAYS]
    left = set(re.findall(r"[a-z]+", rest)) - set(named) - {"on", "and", "every", "weekday", "weekend", "day"}
    if left or not text:
        return None
    if "weekday" in rest:
        named = list(DAYS[:5])
    elif "weekend" in rest:
        named = list(DAYS[5:])
    window = {"days": days(named)} if named else {}
    if times:
        window["hours"] = f"{times.get('after', '00:00')}-{times.get('before', '24:00')}"
    return window or None


def _clock(hour: int, minute: str, half: str) -> str:
    hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
    return f"{hour:02}:{minute or '00'}"


def _of_cron(hours: str, weekdays: str) -> dict[str, str] | None:
    window: dict[str, str] = {}
    if hours != "*":
        start, _, end = hours.partition("-")
        window["hours"] = f"{int(start):02}:00-{int(end) + 1:02}:00"
    if weekdays != "*":
        parts = [[_weekday(day) for day in part.split("-")] for part in weekdays.split(",")]
        if any(day is None for part in parts for day in part):
            return None
        window["days"] = ",".join("-".join(filter(None, part)) for part in parts)
    return window or None


def _weekday(text: str) -> str | None:
    """Cron counts from Sunday, as 0 and as 7."""
    if text.isdecimal():
        return DAYS[(int(text) - 1) % 7] if int(text) <= 7 else None
    return text[:3] if text[:3] in DAYS else None
