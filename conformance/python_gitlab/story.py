"""What python-gitlab does: every resource that it models and that the sandbox serves, and how it talks."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version

from conformance.place import place
from conformance.python_gitlab import code, coverage, people, planning, projects, review, transport
from conformance.python_gitlab.ground import Ground
from conformance.story import Story, equal

_ACTS = (
    people.users, people.oneself, people.tokens, people.bots, people.groups, people.members,
    projects.projects, projects.lists, projects.variables, projects.hooks, projects.events,
    code.repository, code.branches, code.files, code.commits, code.protections, code.releases,
    planning.issues, planning.links, planning.talk, planning.labels, planning.milestones, planning.todos,
    review.requests, review.approvals, review.merging, review.pipelines,
    transport.errors, transport.limits, transport.failures, transport.raw, transport.graphql,
)  # fmt: skip


def tell(story: Story) -> None:
    """Drive every resource in its own step; then see that none was left out."""
    with place() as here, Ground(here) as ground:
        for act in _ACTS:
            about = (act.__doc__ or "").strip().rstrip(".")
            story.attempt(f"{act.__module__.rpartition('.')[2]}.{act.__name__}: {about}", partial(act, ground))
        with story.step("used every operation that it models and that is served"):
            equal(coverage.unused(here.sandbox.requests), (), "unused operations")
            story.remark(f"python-gitlab {version('python-gitlab')} models besides: {', '.join(coverage.unserved())}")
