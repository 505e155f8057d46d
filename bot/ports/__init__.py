"""What the pipeline asks of the outside world: the interfaces that the adapters implement."""

from bot.ports.checkout import Checkout, Checkouts, Commit
from bot.ports.crosschecks import Crosschecks, DisagreementError
from bot.ports.forge import Calls, Forge, IssueDraft, MergeRequestDraft, Token, Unlisted, User
from bot.ports.knowledge import (
    Advisories,
    AdvisoryAnswer,
    Published,
    ReleaseAnswer,
    ReleaseNotes,
    Releases,
    ThreatAnswer,
    Threats,
)
from bot.ports.toolbox import Adapters, Toolbox, Workshop

__all__ = [
    "Adapters",
    "Advisories",
    "AdvisoryAnswer",
    "Calls",
    "Checkout",
    "Checkouts",
    "Commit",
    "Crosschecks",
    "DisagreementError",
    "Forge",
    "IssueDraft",
    "MergeRequestDraft",
    "Published",
    "ReleaseAnswer",
    "ReleaseNotes",
    "Releases",
    "ThreatAnswer",
    "Threats",
    "Token",
    "Toolbox",
    "Unlisted",
    "User",
    "Workshop",
]
