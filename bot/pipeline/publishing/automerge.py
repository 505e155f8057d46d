"""Merge requests that GitLab is to merge by itself: asked for once their commit has a pipeline, and they are approved.

A merge request that asks for approval is a draft; marking it as ready approves the versions that it offers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping

from bot import marks
from bot.errors import ForgeError
from bot.pipeline.follow import has_open
from bot.pipeline.workplace import Run, Seen
from bot.pipeline.writing import wording
from bot.pipeline.writing.render import change_lines
from bot.policy.model import STEPS, Policy
from bot.ports import Forge
from remediators.ecosystems import Ecosystems
from state.model import Failure, Kind, MergeRequest, Project, Remediation, RemediationState, TrackedRemediation

HELD = "held "
"""Before the commit of a merge request that is not to merge by itself, in what is remembered."""

Asks = Callable[[Forge, Project, TrackedRemediation], str]
"""Asks something of GitLab about one merge request: "" once that is so, else why not."""


def kind_of(remediation: Remediation, ecosystems: Ecosystems) -> str:
    """What a change set is to the policy: "security", or the largest step that it takes."""
    if remediation.kind is Kind.VULNERABLE:
        return "security"
    steps = [ecosystems.versions(c.ecosystem).step(c.before, c.after) or STEPS[0] for c in remediation.changes]
    return max(steps, key=STEPS.index, default=STEPS[0])


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


def unwanted(
    tracked: Iterable[TrackedRemediation], policy: Policy, unapproved: Collection[str], ecosystems: Ecosystems
) -> tuple[TrackedRemediation, ...]:
    """Those whose open merge request is for people to merge: by the policy, for want of approval, or when blocked."""
    known = tuple(t for t in tracked if has_open(t))
    asking = {t.merge_request for t in known if t.remediation.key in unapproved}
    return tuple(
        t
        for t in known
        if t.merge_request in asking
        or t.state is RemediationState.BLOCKED
        or kind_of(t.remediation, ecosystems) not in policy.automerge
    )


def approved(
    tracked: Iterable[TrackedRemediation], before: Mapping[str, str], seen: Mapping[int, MergeRequest]
) -> Mapping[str, str]:
    """What was approved, by key: the mark of its changes. `before` is what was; `seen` are merge requests by number."""
    found: dict[str, str] = {}
    for t in tracked:
        key, changes = t.remediation.key, marks.changes(change_lines(t.remediation))
        merge_request = None if t.merge_request is None else seen.get(t.merge_request)
        ready = before.get(key) == changes if merge_request is None else _marked_ready(merge_request, changes)
        if ready and t.state is RemediationState.MR_OPEN:
            found[key] = changes
    return found


def _marked_ready(merge_request: MergeRequest, changes: str) -> bool:
    """Whether what was a draft with these changes is none any more."""
    asked = marks.of(merge_request.description) >= {marks.ASKING, changes}
    return asked and not wording.is_draft(merge_request.title)


def ask(project: Project, run: Run, approvals: Mapping[str, str], seen: Seen) -> tuple[Failure, ...]:
    """Ask for those that were not asked for yet, and take back what is not to be any more.

    What GitLab does not do now is said, and asked for again.
    """
    store, policy = run.adapters.store, run.policy
    name = f"automerge of project {project.id}"
    before: dict[str, str] = json.loads(store.mark(name) or "{}")
    if not (policy.automerge or before):
        return ()
    unapproved = approvals.keys() - _approved(project, run, seen).keys()
    known, ecosystems = store.remediations(project.id), run.adapters.toolbox.ecosystems
    after: dict[str, str] = {}
    failed: list[Failure] = []
    for t in wanted(known, policy, unapproved, ecosystems):
        key, commit = t.remediation.key, t.commit or ""
        if before.get(key) == commit or _done(project, t, run, failed, _merges):
            after[key] = commit
    for t in unwanted(known, policy, unapproved, ecosystems):
        key, held = t.remediation.key, f"{HELD}{t.commit}"
        # Also where nothing is known of our asking: a database may be lost.
        if key not in before and key not in unapproved:
            continue
        if before.get(key) == held or _done(project, t, run, failed, _leaves):
            after.update({key: held} if policy.automerge else {})
        else:
            after[key] = before.get(key, "")
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


def _merges(forge: Forge, project: Project, tracked: TrackedRemediation) -> str:
    why = forge.merge_when_ready(project, tracked.merge_request or 0, tracked.commit or "")
    return why and f"is not set to merge by itself: {why}"


def _leaves(forge: Forge, project: Project, tracked: TrackedRemediation) -> str:
    why = forge.leave_to_people(project, tracked.merge_request or 0)
    return why and f"still merges by itself: {why}"


def _done(project: Project, tracked: TrackedRemediation, run: Run, failed: list[Failure], ask_for: Asks) -> bool:
    try:
        why = ask_for(run.adapters.forge, project, tracked)
    except ForgeError as error:
        if not error.about_one:
            raise
        why = str(error)
    if why:
        failed.append(Failure(tracked.remediation.key, f"!{tracked.merge_request} {why}", fault=False))
    return not why
