"""What people read: issue, merge request, commit message and notes, from the templates. Pure."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import marks
from bot.pipeline.planning import targets
from bot.pipeline.writing import wording
from bot.pipeline.writing.news import NO_NEWS, News
from bot.policy.document import FILE, Problem
from bot.ports import IssueDraft, MergeRequestDraft
from state.model import Audited, Change, Finding, MergeRequest, Proof, Remediation, Severity

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
LABEL = "remediation-bot"
SECURITY_LABEL = "security"
APPROVAL_LABEL = "needs-approval"
JOINT_LABEL = "joint-fix"
PARTIAL_LABEL = "partial-fix"
# What may be true of a change set today and not tomorrow: taken away with its reason.
PASSING = (APPROVAL_LABEL, JOINT_LABEL, PARTIAL_LABEL)


@dataclass(frozen=True, slots=True)
class Joined:
    """A planned fix whose merge request is that of another, and its issue."""

    remediation: Remediation
    issue: int | None = None

    @property
    def package(self) -> str:
        """What it fixes."""
        return targets.package_of(self.remediation)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a text is about: the change set, its findings, and (once there is one) its proof or why there is none.

    `remediation` is what was planned, by which it is known; `done` is what was made of it, where that differs.
    `asks` is why a person should approve it, "" for no reason. `joined` are the other fixes that it is one with, and
    `left_out` are packages whose fixes have no place beside it.
    """

    remediation: Remediation
    findings: tuple[Finding, ...]
    proof: Proof | None = None
    reason: str = ""
    asks: str = ""
    done: Remediation | None = None
    joined: tuple[Joined, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[Audited, ...]:
        """The vulnerabilities that its packages still have afterwards."""
        packages = {f.package for f in self.findings if f.advisories}
        return tuple(a for a in self.proof.remaining if a.package in packages) if self.proof is not None else ()

    @property
    def staying(self) -> tuple[tuple[str, str, str], ...]:
        """(package, version, file) of what it leaves vulnerable, as far as that was not brought in by the change."""
        left = {(a.package, a.version, a.cluster) for a in self.left}
        moved = {(c.package, c.before, c.manifest) for c in self.shown.changes}
        found = (
            (f.package, o.version, o.lockfile or o.manifest)
            for f in self.findings
            for o in f.occurrences
            if (f.package, o.version, f.cluster) in left and (f.package, o.version, o.manifest) not in moved
        )
        return tuple(sorted(set(found)))

    @property
    def shown(self) -> Remediation:
        """The change set that people read about."""
        return self.done or self.remediation

    @property
    def severity(self) -> Severity:
        """The worst severity among the findings."""
        order = list(Severity)
        return min((f.severity for f in self.findings), key=order.index, default=Severity.UNKNOWN)


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2  # 30 ms that a run with nothing to say does not pay

    # Markdown, not HTML: every foreign value goes through a filter of `wording` instead of autoescape.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 -- see above
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(
        inert=wording.inert,
        plain=wording.plain,
        code=wording.code,
        html_code=wording.html_code,
        link=wording.web_link,
        origin=wording.origin,
    )
    return environment


_COMPILING = threading.Lock()
_WRITTEN = ("commit.txt.j2", "issue.md.j2", "merge_request.md.j2")
"""The templates of every change set."""


def compile_all() -> None:
    """Compile the templates of every change set, where that was not done yet."""
    for name in _WRITTEN:
        _template(name)


def _template(name: str) -> jinja2.Template:
    # Whoever comes while another compiles finds it done.
    with _COMPILING:
        return _environment().get_template(name)


def _render(name: str, **values: Any) -> str:
    return _template(name).render(**values).strip() + "\n"


def labels(subject: Subject, configured: tuple[str, ...]) -> tuple[str, ...]:
    """The labels of an issue or merge request."""
    security = (SECURITY_LABEL,) if any(f.advisories for f in subject.findings) else ()
    approval = (APPROVAL_LABEL,) if subject.asks else ()
    joint = (JOINT_LABEL,) if subject.joined else ()
    partial = (PARTIAL_LABEL,) if subject.left_out or (security and subject.left) else ()
    return tuple(dict.fromkeys((LABEL, *configured, *security, *approval, *joint, *partial)))


def _unlike(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label for label in PASSING if label not in given)


def change_lines(remediation: Remediation) -> tuple[str, ...]:
    """What a set of changes is recognised by: each package, where, and the version it goes to."""
    return tuple(f"{c.ecosystem} {c.package} {c.manifest} {c.before} {c.after}" for c in remediation.changes)


def offers(existing: MergeRequest, remediation: Remediation) -> bool:
    """Whether a merge request in GitLab is about just these changes."""
    return marks.changes(change_lines(remediation)) in marks.of(existing.description)


def issue(subject: Subject, configured: tuple[str, ...]) -> IssueDraft:
    """The tracked issue of a remediation."""
    body = _render("issue.md.j2", subject=subject, remediation=subject.shown, findings=subject.findings)
    marked = _marked(body, *marks.keys(subject.remediation.key))
    given = labels(subject, configured)
    return IssueDraft(wording.title(subject.shown.title), marked, given, _unlike(given))


def merge_request(
    subject: Subject, issue_iid: int | None, configured: tuple[str, ...], news: News = NO_NEWS
) -> MergeRequestDraft:
    """The merge request of a proven remediation.

    News are no reason to write it again: they age, and are not always to be had. So the marker is about the rest.
    """
    remediation = subject.shown
    write = functools.partial(
        _render,
        "merge_request.md.j2",
        subject=subject,
        remediation=remediation,
        findings=subject.findings,
        proof=subject.proof,
        carried=carried(subject),
        issue_iid=issue_iid,
    )
    lasting = write(news=NO_NEWS)
    body = lasting if news == NO_NEWS else write(news=news)
    # Each fix in it is found by its own marks, and refused with them.
    planned = (subject.remediation, *(joined.remediation for joined in subject.joined))
    theirs = (mark for r in planned for mark in (*marks.keys(r.key), marks.changes(change_lines(r))))
    given = labels(subject, configured)
    return MergeRequestDraft(
        wording.title(remediation.title),
        _marked(body, *theirs, *((marks.ASKING,) if subject.asks else ()), lasting=lasting),
        given,
        remediation.branch,
        remediation.target_branch,
        unlike=_unlike(given),
    )


def carried(subject: Subject) -> list[Change]:
    """What moved besides what was planned."""
    planned = {(c.ecosystem, c.package, c.manifest) for c in subject.shown.changes}
    moved = subject.proof.changes if subject.proof is not None else ()
    return [c for c in moved if (c.ecosystem, c.package, c.manifest) not in planned]


def policy_issue(problems: Iterable[Problem], marker: str, configured: tuple[str, ...]) -> IssueDraft:
    """The issue that says what is wrong with a project's policy file."""
    body = _render("policy_issue.md.j2", problems=tuple(problems), file=FILE)
    title = wording.title(f"{FILE} cannot be followed")
    return IssueDraft(title, _marked(body, marker), tuple(dict.fromkeys((LABEL, *configured))))


def commit(subject: Subject) -> str:
    """The commit message of a change set."""
    return _render("commit.txt.j2", remediation=subject.shown, findings=subject.findings)


def note(name: str, marker: str, **values: Any) -> str:
    """A note from `templates/notes/NAME.md.j2`, with the marker by which it is found again."""
    return f"{_render(f'notes/{name}.md.j2', **values)}\n{marks.line(marker)}\n"


def same(existing: str, draft: str) -> bool:
    """Whether a description in GitLab is the one of a draft: by marker, as GitLab may reformat white space."""
    return marks.of(draft) == marks.of(existing)


def _marked(body: str, *own: str, lasting: str | None = None) -> str:
    content = marks.content(body if lasting is None else lasting)
    return f"{body}\n{marks.line(*own, content)}\n"
