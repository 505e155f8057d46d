"""Merge requests that GitLab is to merge by itself: asked for once their commit has a pipeline, and they are approved.

A merge request that asks for approval is a draft; marking it as ready approves the versions that it offers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from bot.errors import ForgeError
from bot.pipeline import wording
from bot.pipeline.render import change_lines
from bot.pipeline.workplace import Run, Seen
from bot.policy.model import STEPS, Policy
from remediators.ecosystems import Ecosystems
from state.model import Failure, Kind, MergeRequest, Project, Remediation, RemediationState, TrackedRemediation


def kind_of(remediation: Remediation, ecosystems: Ecosystems) -> str:
    """What a change set is to the policy: "security", or the largest step that it takes."""
    if remediation.kind is Kind.VULNERABLE:
        return "security"
    steps = [ecosystems.versions(c.ecosystem).step(c.before, c.after) or STEPS[0] for c in remediation.changes]
    return max(steps, key=STEPS.index)


def wanted(
    tracked: Iterable[TrackedRemediation], policy: Policy, unapproved: Collection[str], ecosystems: Ecosystems
) -> tuple[TrackedRemediation, ...]:
    """Those that stand open with our own commit, are of a kind that merges by itself, and wait for nobody's approval.

    Of several in one merge request it is the one that that goes by, unless any of them waits for approval.
    """
    known = tuple(tracked)
    asking = {t.merge_request for t in known if t.remediation.key in unapproved}
    return tuple(
        t
        for t in known
        if t.state is RemediationState.MR_OPEN
        and not t.reason
        and t.commit is not None
        and t.merge_request is not None
        and t.merge_request not in asking
        and kind_of(t.remediation, ecosystems) in policy.automerge
    )


def approved(
    tracked: Iterable[TrackedRemediation], before: Mapping[str, str], seen: Mapping[int, MergeRequest]
) -> Mapping[str, str]:
    """What was approved, by key: the mark of its changes. `before` is what was; `seen` are merge requests by number."""
    found: dict[str, str] = {}
    for t in tracked:
        key, changes = t.remediation.key, wording.changes_marker(change_lines(t.remediation))
        merge_request = None if t.merge_request is None else seen.get(t.merge_request)
        ready = before.get(key) == changes if merge_request is None else _marked_ready(merge_request, changes)
        if ready and t.state is RemediationState.MR_OPEN:
            found[key] = changes
    return found


def _marked_ready(merge_request: MergeRequest, changes: str) -> bool:
    """Whether what was a draft with these changes is none any more."""
    asked = wording.ASKING in merge_request.description and changes in merge_request.description
    return asked and not wording.is_draft(merge_request.title)


def ask(project: Project, run: Run, approvals: Mapping[str, str], seen: Seen) -> tuple[Failure, ...]:
    """Ask for those that were not asked for yet; what GitLab does not do now is said, and asked for again."""
    store, policy = run.adapters.store, run.policy
    if not policy.automerge:
        return ()
    unapproved = approvals.keys() - _approved(project, run, seen).keys()
    name = f"automerge of project {project.id}"
    before: dict[str, str] = json.loads(store.mark(name) or "{}")
    after: dict[str, str] = {}
    failed: list[Failure] = []
    for t in wanted(store.remediations(project.id), policy, unapproved, run.adapters.toolbox.ecosystems):
        key, commit = t.remediation.key, t.commit or ""
        if before.get(key) == commit or _asked(project, t, run, failed):
            after[key] = commit
    if after != before:
        store.set_mark(name, json.dumps(after))
    return tuple(failed)


def _approved(project: Project, run: Run, seen: Seen) -> Mapping[str, str]:
    store, name = run.adapters.store, f"approved of project {project.id}"
    before: dict[str, str] = json.loads(store.mark(name) or "{}")
    now = approved(store.remediations(project.id), before, seen.merge_requests)
    if now != before:
        store.set_mark(name, json.dumps(now))
    return now


def _asked(project: Project, tracked: TrackedRemediation, run: Run, failed: list[Failure]) -> bool:
    number = tracked.merge_request or 0
    try:
        why = run.adapters.forge.merge_when_ready(project, number, tracked.commit or "")
    except ForgeError as error:
        if not error.about_one:
            raise
        why = str(error)
    if why:
        words = f"!{number} is not set to merge by itself: {why}"
        failed.append(Failure(tracked.remediation.key, words, fault=False))
    return not why
