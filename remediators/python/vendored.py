"""Which paths hold other people's code: manifests in there describe no dependency of the project."""

from __future__ import annotations

_FOLDERS = frozenset(
    (
        "node_modules",
        "bower_components",
        "site-packages",
        "dist-packages",
        "third_party",
        "third-party",
        "vendor",
        "vendored",
        "_vendor",
        "_vendored",
        "venv",
        "virtualenv",
        "__pypackages__",
    )
)


def vendored(path: str) -> bool:
    """Whether a folder on the way to `path` is a vendored or installed tree, or hidden (`.venv`, `.tox`)."""
    folders = path.split("/")[:-1]
    return any(folder in _FOLDERS or folder.startswith(".") for folder in folders)
