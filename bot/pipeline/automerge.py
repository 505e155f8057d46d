"""Merge requests that the policy lets GitLab merge by itself: asked for once the pipeline of their commit is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from bot.errors import ForgeError
from bot.pipeline.workplace import Run
from bot.policy.model import STEPS, Policy
from remediators.ecosystems import Ecosystems
from state.model import Failure, Kind, Project, Remediation, RemediationState, TrackedRemediation


def kind_of(remediation: Remediation, ecosystems: Ecosystems) -> str:
    """What a change set is to the policy: "security", or the largest step that it takes."""
    if remediation.kind is Kind.VULNERABLE:
        return "security"
    steps = [ecosystems.versions(c.ecosystem).step(c.before, c.after) or STEPS[0] for c in remediation.changes]
    return max(steps, key=STEPS.index)


def wanted(
    tracked: Iterable[TrackedRemediation], policy: Policy, approvals: Mapping[str, str], ecosystems: Ecosystems
) -> tuple[TrackedRemediation, ...]:
    """Those that stand open with our own commit, are of a kind that merges by itself, and ask nobody's approval.

    Of several in one merge request it is the one that that goes by, unless approval is asked for any of them.
    """
    known = tuple(tracked)
    asking = {t.merge_request for t in known if t.remediation.key in approvals}
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


def ask(project: Project, run: Run, approvals: Mapping[str, str]) -> tuple[Failure, ...]:
    """Ask for those that were not asked for yet; what GitLab does not do now is said, and asked for again."""
    store, policy = run.adapters.store, run.policy
    if not policy.automerge:
        return ()
    name = f"automerge of project {project.id}"
    before: dict[str, str] = json.loads(store.mark(name) or "{}")
    after: dict[str, str] = {}
    failed: list[Failure] = []
    for t in wanted(store.remediations(project.id), policy, approvals, run.adapters.toolbox.ecosystems):
        key, commit = t.remediation.key, t.commit or ""
        if before.get(key) == commit or _asked(project, t, run, failed):
            after[key] = commit
    if after != before:
        store.set_mark(name, json.dumps(after))
    return tuple(failed)


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
