"""The nouns of GitLab and the world that holds them."""

from bot.sandbox.world.automation import CommitStatus, Hook, HookDelivery, Job, Pipeline
from bot.sandbox.world.collaboration import (
    AwardEmoji,
    Issue,
    IssueLink,
    Label,
    MergeRequest,
    Milestone,
    Note,
    ResourceEvent,
)
from bot.sandbox.world.noun import Noun
from bot.sandbox.world.people import Access, Member, Namespace, Token, User
from bot.sandbox.world.projects import (
    Event,
    Project,
    ProtectedBranch,
    ProtectedTag,
    Redirect,
    Release,
    Todo,
    Upload,
    Variable,
)
from bot.sandbox.world.table import Table
from bot.sandbox.world.world import World

__all__ = [
    "Access",
    "AwardEmoji",
    "CommitStatus",
    "Event",
    "Hook",
    "HookDelivery",
    "Issue",
    "IssueLink",
    "Job",
    "Label",
    "Member",
    "MergeRequest",
    "Milestone",
    "Namespace",
    "Note",
    "Noun",
    "Pipeline",
    "Project",
    "ProtectedBranch",
    "ProtectedTag",
    "Redirect",
    "Release",
    "ResourceEvent",
    "Table",
    "Todo",
    "Token",
    "Upload",
    "User",
    "Variable",
    "World",
]
