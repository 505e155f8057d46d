"""Files attached to texts of a project."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent.times import timestamp
from bot.sandbox.routes.files import raw_answer
from bot.sandbox.routing import routes
from bot.sandbox.rules import uploads
from bot.sandbox.world import Access, Upload, World

_BASE = "/projects/:id/uploads"


@routes.post(_BASE)
def create(call: Call) -> Answer:
    """Keep a file; the answer says how to show it in a text."""
    project = call.project()
    file = call.params.file("file")
    made = uploads.add(call.world, call.user, project, file.name, file.content)
    address = uploads.url(made)
    shown = {"url": address, "full_path": f"/-/project/{project.id}{address}", "markdown": uploads.markdown(made)}
    return Answer({"id": made.id, "alt": uploads.alt(made), **shown}, 201)


@routes.get(_BASE, public=False)
def index(call: Call) -> Answer:
    """Every file, the newest first."""
    project = call.project(Access.MAINTAINER)
    found = call.world.uploads.where(project_id=project.id)[::-1]
    return paginate(call, found, lambda one: _listed(call.world, one))


@routes.get(f"{_BASE}/:upload_id", public=False)
def by_id(call: Call) -> Answer:
    """A file's content."""
    return _content(_by_id(call))


@routes.get(f"{_BASE}/:secret/:filename", public=False)
def by_name(call: Call) -> Answer:
    """A file's content."""
    return _content(_by_name(call))


@routes.delete(f"{_BASE}/:upload_id")
def delete_by_id(call: Call) -> Answer:
    """Forget a file."""
    call.world.uploads.remove(_by_id(call))
    return Answer(None, 204)


@routes.delete(f"{_BASE}/:secret/:filename")
def delete_by_name(call: Call) -> Answer:
    """Forget a file."""
    call.world.uploads.remove(_by_name(call))
    return Answer(None, 204)


def _by_id(call: Call) -> Upload:
    number = call.number("upload_id")
    project = call.project(Access.MAINTAINER)
    found = call.world.uploads.get(number)
    if found is None or found.project_id != project.id:
        raise not_found("Upload")
    return found


def _by_name(call: Call) -> Upload:
    project = call.project(Access.MAINTAINER)
    found = uploads.named(call.world, project, call.path["secret"], call.path["filename"])
    if found is None:
        raise not_found("Upload")
    return found


def _content(upload: Upload) -> Answer:
    return raw_answer(upload.content, upload.filename, {})


def _listed(world: World, upload: Upload) -> dict[str, Any]:
    user = world.users[upload.user_id]
    return {
        "id": upload.id,
        "size": len(upload.content),
        "filename": upload.filename,
        "created_at": timestamp(upload.created_at),
        "uploaded_by": {
            "id": user.id,
            "username": user.username,
            "public_email": user.public_email or None,
            "name": user.name,
        },
    }
