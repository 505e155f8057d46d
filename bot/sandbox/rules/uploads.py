"""Files attached to texts: their names, their addresses, and how Markdown shows them."""

from __future__ import annotations

import re
import secrets
from pathlib import PurePosixPath

from bot.sandbox.world import Project, Upload, User, World

# CarrierWave::SanitizedFile and Gitlab::FileTypeDetection
_UNSAFE = re.compile(r"[^a-zA-Z0-9.\-+_]")
_SHOWN = frozenset({
    "png", "jpg", "jpeg", "gif", "bmp", "tiff", "ico", "webp",
    "mp4", "m4v", "mov", "webm", "ogv", "mp3", "oga", "ogg", "spx", "wav",
})  # fmt: skip


def add(world: World, user: User, project: Project, name: str, content: bytes) -> Upload:
    """Keep a file."""
    filename = _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name) or "_"
    return world.uploads.add(
        Upload(
            project_id=project.id,
            user_id=user.id,
            secret=secrets.token_hex(16),
            filename=filename,
            content=content,
            created_at=world.now(),
        )
    )


def named(world: World, project: Project, secret: str, filename: str) -> Upload | None:
    """The file at an address."""
    found = (
        one for one in world.uploads.where(project_id=project.id) if (one.secret, one.filename) == (secret, filename)
    )
    return next(found, None)


def url(upload: Upload) -> str:
    """Its address in Markdown, relative to the project."""
    return f"/uploads/{upload.secret}/{upload.filename}"


def alt(upload: Upload) -> str:
    """What Markdown calls it: pictures, films and sounds by their name without suffix."""
    path = PurePosixPath(upload.filename)
    return path.stem if _is_shown(upload) else path.name


def markdown(upload: Upload) -> str:
    """How to put it into a text."""
    return f"{'!' if _is_shown(upload) else ''}[{alt(upload)}]({url(upload)})"


def _is_shown(upload: Upload) -> bool:
    return PurePosixPath(upload.filename).suffix.lower().removeprefix(".") in _SHOWN
