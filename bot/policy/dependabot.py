"""What Dependabot's configuration says, as a policy: ignored packages, schedules, groups, limits. Pure.

Source: GitHub's reference of the options in dependabot.yml, version 2; dependabot-gitlab takes the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.policy.draft import Draft, objects, strings

SOURCE = "Dependabot"
STEPS: Mapping[str, str] = {
    "version-update:semver-major": "major",
    "version-update:semver-minor": "minor",
    "version-update:semver-patch": "patch",
}
COOLDOWNS: Mapping[str, str] = {
    "semver-major-days": "major",
    "semver-minor-days": "minor",
    "semver-patch-days": "patch",
}
DAYS_OF: Mapping[str, str] = {"daily": "mon-fri"}

SAME: Mapping[str, str] = {
    "labels": "labels",
    "reviewers": "reviewers",
    "target-branch": "target_branch",
    "open-pull-requests-limit": "open_merge_requests",
}
READ = frozenset({"package-ecosystem", "directory", "directories", "schedule", "ignore", "groups", "cooldown", *SAME})


def take(config: Mapping[str, Any], draft: Draft) -> None:
    """Put what a configuration says into the draft."""
    for entry in objects(config.get("updates")):
        place = f"{SOURCE}'s {entry.get('package-ecosystem', 'updates')}"
        for name, ours in SAME.items():
            if name in entry:
                draft.set(ours, entry[name])
        _schedule(entry.get("schedule"), place, draft)
        for rule in objects(entry.get("ignore")):
            _ignore(rule, entry, draft)
        groups = entry.get("groups")
        for name, group in groups.items() if isinstance(groups, dict) else ():
            _group(str(name), group, draft)
        _cooldown(entry.get("cooldown"), draft)
        for name in sorted(entry.keys() - READ):
            draft.note(f"{place}: {name}")
    for name in sorted(config.keys() - {"version", "updates"}):
        draft.note(f"{SOURCE}'s {name}")


def _ignore(rule: Mapping[str, Any], entry: Mapping[str, Any], draft: Draft) -> None:
    package = rule.get("dependency-name")
    if not isinstance(package, str):
        draft.note("an ignore rule without a dependency-name")
        return
    types = strings(rule.get("update-types"))
    if package == "*" and types and "versions" not in rule and set(types) <= STEPS.keys():
        for each in types:
            draft.put("updates", STEPS[each], False)
    elif types or "versions" in rule:
        what = ", ".join((*strings(rule.get("versions")), *types))
        draft.note(f"ignoring {what} of {package}: say with `allowed` which versions may be taken")
    else:
        places = [folder.strip("/") for folder in strings(entry.get("directories", entry.get("directory", "/")))]
        for folder in places:
            draft.ignore(SOURCE, package=package, path=f"{folder}/*" if folder else "")


def _schedule(value: object, place: str, draft: Draft) -> None:
    if not isinstance(value, dict):
        return
    interval, window = value.get("interval"), {}
    if interval == "weekly":
        window["days"] = str(value.get("day", "monday"))[:3].lower()
    elif isinstance(interval, str) and interval in DAYS_OF:
        window["days"] = DAYS_OF[interval]
    else:
        draft.note(f"{place}: the schedule {interval}")
        return
    if isinstance(start := value.get("time"), str):
        window["hours"] = f"{start}-24:00"
    if isinstance(zone := value.get("timezone"), str):
        window["timezone"] = zone
    draft.set("schedule", window)


def _group(name: str, group: object, draft: Draft) -> None:
    if not isinstance(group, dict):
        return
    draft.group(name, strings(group.get("patterns")) or ["*"])
    for option in sorted(group.keys() - {"patterns", "applies-to"}):
        draft.note(f"the group {name}: {option}")


def _cooldown(value: object, draft: Draft) -> None:
    if not isinstance(value, dict):
        return
    if "default-days" in value:
        # Dependabot's cooldown never holds a security update back; ours keeps its own default for those.
        for step in COOLDOWNS.values():
            draft.put("cooldown_days", step, value["default-days"])
    for name, step in COOLDOWNS.items():
        if name in value:
            draft.put("cooldown_days", step, value[name])
    for name in sorted(value.keys() - COOLDOWNS.keys() - {"default-days"}):
        draft.note(f"cooldown: {name}")
