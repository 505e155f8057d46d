"""Settings of uv that lead elsewhere: to folders outside the repository, or to a proxy of the project's own.

uv reads them from [tool.uv], from a script's block and from uv.toml, and they go before what its environment says.
"""

from __future__ import annotations

import posixpath
from pathlib import Path

from remediators.api import Unit
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import ToolError
from remediators.python.references import Keys, check_references, check_tables

OF_TOOL: Keys = ("tool", "uv")
_INDEXES = ("index-url", "extra-index-url", "find-links")
_PLACES: tuple[Keys, ...] = (
    ("dev-dependencies",),
    ("constraint-dependencies",),
    ("override-dependencies",),
    ("build-constraint-dependencies",),
    ("extra-build-dependencies",),
    ("dependency-metadata",),
    ("sources",),
    ("index",),
    *((key,) for key in _INDEXES),
    *(("pip", key) for key in _INDEXES),
)
"""What can name a folder for uv to look into. Its workspace has globs."""
_PROXIES = ("http-proxy", "https-proxy", "no-proxy")


def check_project(unit: Unit, work: Path) -> None:
    """Raise ToolError where a file of a unit, in `work`, leads uv elsewhere."""
    check_references(unit, work)
    for name in unit.files:
        keys = {"pyproject.toml": OF_TOOL, "uv.toml": ()}.get(posixpath.basename(name))
        if keys is not None and (work / name).is_file():
            check_settings(read_toml(name, (work / name).read_bytes(), TOML_MANIFEST), keys)


def check_settings(document: TomlDocument, keys: Keys = OF_TOOL) -> None:
    """Raise ToolError where the settings at `keys` of a file lead elsewhere."""
    check_tables(document, [(*keys, *place) for place in _PLACES])
    for key in _PROXIES:
        if key in document.table(*keys):
            raise ToolError(
                f"{document.name}: `{'.'.join((*keys, key))}` would have uv ask another machine than the registry: "
                "take it out, and give the bot a proxy by its own HTTPS_PROXY"
            )
