"""Work of ours in GitLab that the database does not know, as after its loss, and no plan asks for: tracked again.

What a plan asks for is found by its branch and its issue; the rest would stay open for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot import marks
from bot.pipeline.planning.branches import branch_name, fix_key, kind_of
from bot.pipeline.workplace import Seen, Workplace
from state.model import (
    Finding,
    Issue,
    IssueState,
    MergeRequest,
    MergeRequestState,
    Remediation,
    RemediationState,
    TrackedRemediation,
)

FOUND = "found in GitLab; the database did not know it"


@dataclass(frozen=True, slots=True)
class Stray:
    """What is open in GitLab of one remediation."""

    merge_request: MergeRequest | None = None
    issue: Issue | None = None


def adopt(place: Workplace, seen: Seen, asked: Collection[str], findings: Iterable[Finding]) -> None:
    """Save them as tracked remediations, for following to conclude. `asked` are the keys that the plan asks for."""
    if not seen.whole:
        return
    project, store = place.project, place.run.adapters.store
    known = {*asked, *(tracked.remediation.key for tracked in store.remediations(project.id))}
    found = tuple(findings)
    for key, stray in strays(seen, known).items():
        concerned = tuple(f.key for f in found if key == fix_key(f.ecosystem, f.package))
        store.save_remediation(project.id, _tracked(place, key, stray, concerned))


def strays(seen: Seen, known: Collection[str]) -> Mapping[str, Stray]:
    """What is open of ours and names none of the `known` keys, by the first key that it names. Pure."""
    found: dict[str, Stray] = {}
    for merge_request in seen.merge_requests.values():
        keys = marks.named(merge_request.description)
        if merge_request.state is MergeRequestState.OPENED and keys and not set(keys) & set(known):
            found[keys[0]] = Stray(merge_request)
    for issue in seen.issues.values():
        keys = marks.named(issue.description)
        if issue.state is IssueState.OPENED and keys and not set(keys) & set(known):
            found[keys[0]] = replace(found.get(keys[0], Stray()), issue=issue)
    return found


def _tracked(place: Workplace, key: str, stray: Stray, findings: tuple[str, ...]) -> TrackedRemediation:
    """Without a commit: whose work the branch holds is looked at before anything is closed."""
    merge_request, issue = stray.merge_request, stray.issue
    branch, target = branch_name(key), place.project.default_branch or ""
    if merge_request is not None:
        branch, target = merge_request.source_branch, merge_request.target_branch
    shown = merge_request or issue
    title = key if shown is None else shown.title
    remediation = Remediation(key, kind_of(key), title, branch, target, findings, ())
    state = RemediationState.BLOCKED if merge_request is None else RemediationState.MR_OPEN
    tracked = TrackedRemediation(remediation, state, FOUND, place.run.now())
    if merge_request is not None:
        tracked = replace(tracked, merge_request=merge_request.iid, merge_request_url=merge_request.web_url)
    return tracked if issue is None else replace(tracked, issue=issue.iid, issue_url=issue.web_url)
