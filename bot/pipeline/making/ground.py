"""What a change set stands on, and the tree that it makes of it: a commit of a project, or a folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.survey import Survey
from bot.policy.model import Policy
from remediators.api import Reader
from state.model import Facts, Remediation


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree with its new bytes in place: its hash, what reads it, and which files differ from its base."""

    hash: str
    base: str
    reader: Reader
    changed_files: frozenset[str]


Keep = Callable[[Remediation, Mapping[str, bytes]], Tree]
"""Puts the new bytes of a change set in place, as a commit or in memory."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The tree as it is, read, and all that is known about it; `policy` says which releases may be taken `now`."""

    paths: Collection[str]
    reader: Reader
    survey: Survey
    facts: Facts
    policy: Policy
    now: datetime


def over(reader: Reader, files: Mapping[str, bytes]) -> Reader:
    """Reads a tree with these files replaced."""
    return lambda path: files[path] if path in files else reader(path)
