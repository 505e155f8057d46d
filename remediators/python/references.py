"""What tools of Python are told of places, by URLs, direct references and paths: none may be outside the repository.

| written                            | by              | leads to                              |
|------------------------------------|-----------------|---------------------------------------|
| `lib @ file:///srv/lib`, `lib @ x` | all             | there                                 |
| `-e file:///srv/lib#egg=lib`       | pip, pdm        | there                                 |
| `git+file:///srv/lib`              | all             | a repository there                    |
| `${PROJECT_ROOT}/lib`              | pdm, uv         | the project's own folder              |
| `{root:uri}/lib`                   | hatchling       | the same; `{root:parent:uri}` above   |
| `${HOME}/lib`                      | pip, uv         | what the environment says: any folder |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from remediators.api import Unit
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import Table, TomlDocument, read_toml
from remediators.inside import check_inside

Keys = tuple[str, ...]

_STANDARD: tuple[Keys, ...] = (
    ("project", "dependencies"),
    ("project", "optional-dependencies"),
    ("dependency-groups",),
)
_OWN: Mapping[str, tuple[str, ...]] = {
    "pdm": ("dev-dependencies", "source", "resolution", "overrides"),
    "poetry": ("dependencies", "dev-dependencies", "group", "source"),
}

# Possessive: a hostile text must not make a pattern backtrack.
_BEFORE = re.compile(r"\s*+(?:(?:-e|--editable)[\s=]*+|[A-Za-z0-9._-]++\s*+(?:\[[^\]]*+\]\s*+)?@)?\s*+")
_AFTER = re.compile(r"\s(?:[;#]|--).*+", re.DOTALL)
_FILE = re.compile(r"(?:[a-z]++\+)?file:(?://(?:localhost(?=/))?)?(?P<path>.*+)", re.DOTALL | re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_ROOT = re.compile(r"/*+(?:\$\{PROJECT_ROOT\}|\{root(?::uri|:real)?\})/*+")
_VARIABLE = re.compile(r"\$\{|\{[a-z]")


def check_references(unit: Unit, work: Path, tool: str = "") -> None:
    """Raise ToolError where a pyproject.toml of a unit, in `work`, names a place outside to `tool` ("" for none)."""
    for name in unit.files:
        if name.rpartition("/")[2] == "pyproject.toml" and (work / name).is_file():
            document = read_toml(name, (work / name).read_bytes(), TOML_MANIFEST)
            own = tuple(("tool", tool, key) for key in _OWN.get(tool, ()))
            check_tables(document, (*_STANDARD, *own))


def check_tables(document: TomlDocument, tables: Sequence[Keys]) -> None:
    """Raise ToolError where a string in one of these tables or arrays names a place outside."""
    for keys in tables:
        above: Table = document.table(*keys[:-1])
        for setting, written in _strings(".".join(keys), above.get(keys[-1])):
            check_inside(document.name, setting, [place_of(written)])


def place_of(written: str) -> str | None:
    """The folder or file that a requirement, a URL or a path leads to, from the manifest's own folder; None for none.

    What is no reference at all comes back as a name in that folder. What a variable decides is given from the top.
    """
    text = _AFTER.sub("", written[_match_end(written) :]).strip()
    found = _FILE.match(text)
    if found is None and _SCHEME.match(text):
        return None
    path = unquote(found["path"]) if found is not None else text
    root = _ROOT.match(path)
    path = path[root.end() :] if root is not None else path
    return f"/{path.lstrip('/')}" if _VARIABLE.search(path) else path


def _match_end(written: str) -> int:
    before = _BEFORE.match(written)
    return before.end() if before is not None else 0


def _strings(setting: str, value: object) -> Iterator[tuple[str, str]]:
    """Every string in a value, with the keys that lead there."""
    match value:
        case str():
            yield setting, value
        case Mapping():
            for key, inner in value.items():
                yield from _strings(f"{setting}.{key}", inner)
        case list():
            for inner in value:
                yield from _strings(setting, inner)
