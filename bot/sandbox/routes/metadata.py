"""What this GitLab is: version and metadata."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.routing import routes
from bot.sandbox.version import REVISION, VERSION

_METADATA = {
    "version": VERSION,
    "revision": REVISION,
    "kas": {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None},
    "enterprise": True,
}


@routes.get("/version", public=False, scopes=("read_user",))
def version(call: Call) -> Answer:
    """The same as `/metadata`, for clients that predate it."""
    return Answer(_METADATA)


@routes.get("/metadata", public=False, scopes=("read_user",))
def metadata(call: Call) -> Answer:
    """Version, edition and the agent server."""
    return Answer(_METADATA)
