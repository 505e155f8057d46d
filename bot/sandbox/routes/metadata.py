"""What this GitLab is: version and metadata."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.routing import routes
from bot.sandbox.version import REVISION, VERSION


@routes.get("/version", public=False, scopes=("read_user",))
def version(call: Call) -> Answer:
    """The version, as clients that predate `/metadata` ask for it."""
    return Answer({"version": VERSION, "revision": REVISION})


@routes.get("/metadata", public=False, scopes=("read_user",))
def metadata(call: Call) -> Answer:
    """Version, edition and the agent server."""
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return Answer({"version": VERSION, "revision": REVISION, "kas": kas, "enterprise": True})
