"""Which pnpm relocks a project: the one that it names, or the newest that writes its version of the lockfile."""

from __future__ import annotations

import re

from remediators.documents.json_spans import Json
from remediators.npm.manifest import is_range
from remediators.pnpm.units import Project
from remediators.versions.npm import NpmVersions

_MAJORS = {"5.4": (7,), "6.0": (8,), "6.1": (8,), "9.0": (10, 9)}
"""What writes each version, the preferred first. Newer ones write 9.0 as well, but need a newer Node.js."""
_NEWEST = "9.0"
_NAMED = re.compile(r"pnpm@(?P<version>(?P<major>\d{1,4})\.\d+\.\d+(?:-[\w.-]+)?)(?:\+[\w.]+)?", re.ASCII)
_READS_WORKSPACE = (10, 5, 1)
_VERSIONS = NpmVersions()


def named(project: Project) -> str:
    """What npm installs it by: an exact version, a major or a range.

    `packageManager` counts where that pnpm writes this version of the lockfile, then `engines.pnpm`.
    """
    found = _NAMED.fullmatch(str(_field(project, "packageManager")))
    majors = _MAJORS[project.lock.version]
    if found is not None:
        major = int(found["major"])
        if major in majors or (project.lock.version == _NEWEST and major > max(majors)):
            return found["version"]
    engines = _field(project, "engines")
    wanted = engines.get("pnpm") if isinstance(engines, dict) else None
    if not isinstance(wanted, str) or not is_range(wanted):
        return str(majors[0])
    allowed = next((major for major in majors if _VERSIONS.satisfies(f"{major}.999.999", wanted)), None)
    return str(allowed) if allowed is not None else wanted


def major(project: Project) -> int:
    """The major version that relocks it; the usual one where only a range is known."""
    number = named(project).partition(".")[0]
    return int(number) if number.isdigit() else _MAJORS[project.lock.version][0]


def reads_workspace(project: Project) -> bool:
    """Whether it looks for overrides in pnpm-workspace.yaml where package.json has none: from 10.5.1 on."""
    exact = named(project)
    return major(project) > _READS_WORKSPACE[0] or (
        major(project) == _READS_WORKSPACE[0]
        and (not _VERSIONS.valid(exact) or _VERSIONS.compare(exact, ".".join(map(str, _READS_WORKSPACE))) >= 0)
    )


def _field(project: Project, key: str) -> Json:
    root = project.manifests.get("")
    top = root.document.value if root else None
    return top.get(key) if isinstance(top, dict) else None
