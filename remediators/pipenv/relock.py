"""pipenv locks what uv has chosen: the packages that move, and none besides.

`pipenv upgrade` reports success without moving a package that the Pipfile does not name, and `pipenv lock` moves all.
So uv finds, within a second, the versions that fit with the rest of the lock; pipenv then locks a Pipfile of just
these, from which their entries are taken. Both build nothing. Tried with pipenv 2026.10.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Tools, Upgrade
from remediators.aside import unused
from remediators.documents import json_spans
from remediators.documents.json_spans import Document, Json, laid_out_like
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import BlockedError, ManifestError, ToolError
from remediators.inside import check_inside
from remediators.pipenv.files import Asked, Locked, asked_for, digest, locked, sources
from remediators.python.references import check_tables, place_of
from remediators.python.resolution import Question, blocked, requirement_line, resolved
from remediators.python.tool import LockTools, run_tool
from remediators.versions.pypi import PypiVersions

PIPENV = "pipenv==2026.10.3"
_ENVIRONMENT: Mapping[str, str] = {
    "PIPENV_DONT_LOAD_ENV": "1",
    "PIPENV_HIDE_EMOJIS": "1",
    "PIPENV_IGNORE_VIRTUALENVS": "1",
    "PIPENV_NOSPIN": "1",
    "PIPENV_VENV_IN_PROJECT": "0",
    "PIPENV_YES": "1",
    "PIP_ONLY_BINARY": ":all:",
}
_NO_WHEEL = re.compile(r"No matching distribution found for ([^\s,;]{1,200})")
_SHOWN = 600
_FOLDER = ".relock"
_PLATFORM_ALONE = re.compile(r"python_version >= '[0-9.]+'")
"""What pipenv makes of a release's Requires-Python, where nothing else is said of when a package is needed."""

_VERSIONS = PypiVersions()


def relocked(
    manifest: str, lockfile: str, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: LockTools
) -> None:
    """Move these packages in the lockfile, and what has to follow them. Raises ToolError and BlockedError."""
    document = read_toml(manifest, (work / manifest).read_bytes())
    lock = json_spans.read((work / lockfile).read_bytes(), lockfile)
    entries = locked(lock)
    _check_inside(document, lock)
    asked, _ = asked_for(document)
    moves = _chosen(manifest, asked, entries, upgrades, _index(document, index), work, tools)
    fresh = _locked_anew(document, lock, moves, (asked, index), work, tools)
    changed = _merged(lock, entries, moves, fresh)
    changed["_meta"] = _meta(lock, document, direct=any(upgrade.direct for upgrade in upgrades))
    (work / lockfile).write_bytes(_written(lock, changed))
    _check(lockfile, work, upgrades)


def _check_inside(document: TomlDocument, lock: Document) -> None:
    """The indexes are all that pipenv is told of the project besides releases."""
    check_tables(document, (("source",),))
    urls = [str(source.get("url", "")) for source in sources(document, lock)]
    check_inside(lock.name, "_meta.sources", [place_of(url) for url in urls], posixpath.dirname(document.name))


def _chosen(
    manifest: str,
    asked: Sequence[Asked],
    entries: Sequence[Locked],
    upgrades: Sequence[Upgrade],
    index: str | None,
    work: Path,
    tools: Tools,
) -> dict[str, str]:
    """The versions that move: the upgrades, and what no longer fits with them. Raises BlockedError."""
    pins = {entry.name: entry.version for entry in entries if _VERSIONS.valid(entry.version)}
    wanted = {str(canonicalize_name(upgrade.package)): upgrade.after for upgrade in upgrades}
    lines = tuple(requirement_line(one.name, one.specifier, f"[{','.join(one.extras)}];{one.marker}") for one in asked)
    question = Question(
        requirements=lines,
        constraints=tuple(f"{name}=={version}" for name, version in wanted.items()),
        index=index,
        kept=tuple(f"{name}=={version}" for name, version in {**pins, **wanted}.items()),
    )
    answer = resolved(question, work, tools)
    if answer.conflict:
        named = {one.name for one in asked}
        raise blocked(f"{manifest} cannot be locked", answer, upgrades, pins, named)
    chosen = answer.chosen or {}
    followed = {name: chosen[name] for name, pin in pins.items() if name in chosen and chosen[name] != pin}
    return {**followed, **wanted}


def _locked_anew(
    document: TomlDocument,
    lock: Document,
    moves: Mapping[str, str],
    told: tuple[Sequence[Asked], str | None],
    work: Path,
    tools: LockTools,
) -> Mapping[str, Mapping[str, Json]]:
    """What pipenv locks for these versions, entry by name. Raises ToolError."""
    asked, index = told
    folder = unused(work / posixpath.dirname(document.name), _FOLDER)
    folder.mkdir()
    try:
        (folder / "Pipfile").write_text(_pipfile(document, lock, moves, asked, index), encoding="utf-8")
        run_tool(PIPENV, ["pipenv", "lock"], folder, index, tools, _ENVIRONMENT)
        made = folder / "Pipfile.lock"
        raw = made.read_bytes() if made.is_file() else b'{"_meta": {}}'
        return {entry.name: entry.entry for entry in locked(json_spans.read(raw, lock.name))}
    except ToolError as error:
        words = " ".join(error.stderr.split())
        pins = ", ".join(f"{name} {version}" for name, version in moves.items())
        missing = _NO_WHEEL.search(words)
        why = (
            f"the index has no wheel of {missing[1]} that the bot's Python takes, and nothing is built; "
            "choose a version that has one, or lock the project by hand"
            if missing is not None
            else words[-_SHOWN:] or str(error)
        )
        raise ToolError(f"{lock.name}: pipenv cannot lock {pins}: {why}", error.stderr) from error
    finally:
        shutil.rmtree(folder)


def _pipfile(
    document: TomlDocument, lock: Document, moves: Mapping[str, str], asked: Sequence[Asked], index: str | None
) -> str:
    """A Pipfile of these packages. Its values are JSON strings, which are TOML ones as well."""
    extras = {one.name: one.extras for one in asked}
    first, *others = [source for source in sources(document, lock) if isinstance(source.get("url"), str)] or [{}]
    named = {"name": "pypi", "verify_ssl": True, **first, **({"url": index} if index else {})}
    lines: list[str] = []
    for source in ([named] if "url" in named else []) + others:
        lines += [
            "[[source]]",
            *(f"{key} = {json.dumps(source[key])}" for key in ("name", "url", "verify_ssl") if key in source),
        ]
    lines.append("[packages]")
    for name, version in moves.items():
        value = f'version = "=={version}", extras = {json.dumps(list(extras.get(name, ())))}'
        lines.append(f"{name} = {{{value}}}")
    return "".join(f"{line}\n" for line in lines)


def _merged(
    lock: Document, entries: Sequence[Locked], moves: Mapping[str, str], fresh: Mapping[str, Mapping[str, Json]]
) -> dict[str, Json]:
    """The lockfile with the moved entries, and those that only the new versions need beside them."""
    root = dict(lock.value) if isinstance(lock.value, dict) else {}
    known = {entry.name for entry in entries}
    added = {name: entry for name, entry in fresh.items() if name not in known}
    for entry in entries:
        if entry.name in moves and entry.version:
            if entry.name not in fresh:
                raise ToolError(
                    f"{lock.name}: pipenv locked no {entry.name} and gave no reason; lock the project by hand"
                )
            section = dict(_section(root, entry.category))
            section[entry.key] = _moved(entry.entry, fresh[entry.name])
            root[entry.category] = section
    for category in dict.fromkeys(entry.category for entry in entries if entry.name in moves):
        plain: dict[str, Json] = {
            name: {key: value for key, value in entry.items() if key != "index"} for name, entry in added.items()
        }
        section = {**_section(root, category), **plain}
        root[category] = {name: section[name] for name in sorted(section)} if plain else section
    return root


def _section(root: Mapping[str, Json], category: str) -> dict[str, Json]:
    section = root.get(category)
    return section if isinstance(section, dict) else {}


def _moved(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """An entry at its new version; when it is needed stays, but for what Requires-Python says of it."""
    entry = {**old, "version": new["version"], "hashes": new.get("hashes", [])}
    if "markers" not in old or _PLATFORM_ALONE.fullmatch(str(old["markers"])):
        entry.pop("markers", None)
        entry |= {"markers": new["markers"]} if "markers" in new else {}
    return {key: entry[key] for key in sorted(entry)}


def _meta(lock: Document, document: TomlDocument, *, direct: bool) -> Json:
    """The notes of the lockfile, with the hash of the edited Pipfile where that changed."""
    meta = lock.value["_meta"] if isinstance(lock.value, dict) else None
    if not isinstance(meta, dict) or not direct:
        return meta
    return {**meta, "hash": {"sha256": digest(document, lock)}}


def _written(lock: Document, value: Mapping[str, Json]) -> bytes:
    if laid_out_like(lock.text, _dumped(lock.value)) != lock.text:
        raise ManifestError(f"{lock.name} is not laid out as pipenv does it; lock the project by hand once")
    return laid_out_like(lock.text, _dumped(value)).encode()


def _dumped(value: object) -> str:
    return json.dumps(value, indent=4, separators=(",", ": "), ensure_ascii=False) + "\n"


def _index(document: TomlDocument, index: str | None) -> str | None:
    urls = [str(source.get("url", "")) for source in sources(document, None)]
    named = urls[0] if urls and urls[0].startswith(("https://", "http://")) and "$" not in urls[0] else None
    return index or named


def _check(lockfile: str, work: Path, upgrades: Sequence[Upgrade]) -> None:
    entries = locked(json_spans.read((work / lockfile).read_bytes(), lockfile))
    for upgrade in upgrades:
        versions = {entry.version for entry in entries if entry.name == canonicalize_name(upgrade.package)}
        if versions and any(_VERSIONS.compare(version, upgrade.after) for version in versions if version):
            kept = ", ".join(sorted(versions))
            raise BlockedError(f"{lockfile}: pipenv keeps {upgrade.package} at {kept} instead of {upgrade.after}")
