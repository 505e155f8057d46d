"""What one merge request is to show: planned change sets, made and proven, and not yet published. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pipeline.making.fix import Fixed
from bot.pipeline.writing.render import Joined, Subject
from bot.ports import Commit
from state.model import Finding, Remediation, TrackedRemediation


@dataclass(frozen=True, slots=True)
class Member:
    """A planned change set, its findings, and what was done for it."""

    tracked: TrackedRemediation
    concerned: tuple[Finding, ...]
    done: Remediation

    @property
    def planned(self) -> Remediation:
        """The plan that is carried out."""
        return self.tracked.remediation


@dataclass(frozen=True, slots=True)
class Made:
    """What one merge request is to show, committed here and proven, and not yet published.

    `members` are the planned change sets that it carries out, the one that it goes by first: more than one where fixes
    cannot stand apart. `left_out` are packages whose fixes have no place beside it.
    """

    members: tuple[Member, ...]
    commit: Commit
    fixed: Fixed
    left_out: tuple[str, ...] = ()

    @property
    def remediation(self) -> Remediation:
        """The plan that it goes by."""
        return self.members[0].planned

    @property
    def planned(self) -> tuple[Remediation, ...]:
        """The plans that it carries out."""
        return tuple(member.planned for member in self.members)

    @property
    def joined(self) -> tuple[Joined, ...]:
        """The others, whose issues are not known yet."""
        return tuple(Joined(member.planned) for member in self.members[1:])

    @property
    def subject(self) -> Subject:
        """What the merge request is about."""
        concerned = tuple(f for member in self.members for f in member.concerned)
        done, joined = self.fixed.remediation, self.joined
        return Subject(self.remediation, concerned, done=done, joined=joined, left_out=self.left_out)

    def about(self, member: Member) -> Subject:
        """What the issue of a member is about."""
        others = tuple(Joined(other.planned) for other in self.members if other is not member)
        return Subject(member.planned, member.concerned, done=member.done, joined=others)
