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
    """Save them as tracked remediations, for following to conclude. `asked` are the keys that the plan asks for.

    Raises CheckoutError where a branch cannot be looked at.
    """
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
    merge_request, issue = stray.merge_request, stray.issue
    shown = merge_request or issue
    remediation = Remediation(
        key,
        kind_of(key),
        shown.title if shown is not None else key,
        merge_request.source_branch if merge_request is not None else branch_name(key),
        merge_request.target_branch if merge_request is not None else place.project.default_branch or "",
        findings,
        (),
    )
    state = RemediationState.BLOCKED if merge_request is None else RemediationState.MR_OPEN
    tracked = TrackedRemediation(remediation, state, FOUND, place.run.now())
    if merge_request is not None:
        commit = _commit(place, merge_request)
        number, url = merge_request.iid, merge_request.web_url
        tracked = replace(tracked, commit=commit, merge_request=number, merge_request_url=url)
    return tracked if issue is None else replace(tracked, issue=issue.iid, issue_url=issue.web_url)


def _commit(place: Workplace, merge_request: MergeRequest) -> str:
    """The commit that we pushed to its branch; "" where someone else's is on it."""
    tip = place.checkout().branch(merge_request.source_branch)
    return merge_request.sha if tip is None else tip.sha if tip.ours else ""
