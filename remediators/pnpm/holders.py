"""Who would not let a package of a pnpm-lock.yaml move, by the ranges that the registry tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.npm.manifest import is_range
from remediators.pnpm.graph import Edge, edges, edges_to, requirers, told
from remediators.pnpm.units import Project
from remediators.versions.npm import NpmVersions

Asked = Callable[[str, str], Mapping[str, str]]
"""What a release of a package requires: name to range."""

_VERSIONS = NpmVersions()


def check_movable(project: Project, upgrade: Upgrade, upgrades: Sequence[Upgrade], asked: Asked) -> None:
    """Raise BlockedError when someone who has the package refuses the new version, and no override is asked for.

    Of one that moves itself, what its new release asks for counts.
    """
    if upgrade.override:
        return
    moving = {(other.package, other.before): other.after for other in upgrades}
    refusing: dict[Requirer, None] = {}
    for edge in edges_to(project.lock, upgrade.package, upgrade.before):
        owner = edge.owner
        version = moving.get((owner.package, owner.version), owner.version)
        stays = version == owner.version
        spec = edge.peer if stays and edge.peer is not None else asked(owner.package, version).get(upgrade.package)
        if (
            spec is not None
            and not _admits(upgrade.after, spec)
            and (edge.peer is None or _admits(upgrade.before, spec))
        ):
            found = told(project, edge, spec)
            refusing[Requirer(found.package, version, spec, found.direct)] = None
    if refusing:
        raise blocked(project, upgrade, tuple(refusing))


def blocked(project: Project, upgrade: Upgrade, refusing: Sequence[Requirer]) -> BlockedError:
    """The error that names who keeps a package from moving."""
    named = sorted(f"{f'{r.package} {r.version}'.strip()} needs {upgrade.package} {r.requirement}" for r in refusing)
    return BlockedError(
        f"{project.lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
        f"{'; '.join(named) or 'pnpm keeps it; look at its overrides'}",
        refusing,
    )


def kept(project: Project, upgrade: Upgrade) -> BlockedError:
    """The error for a version that pnpm left in the lockfile; whoever has it is named."""
    having = requirers(project, upgrade.package, upgrade.before)
    named = ", ".join(f"{who.package} {who.version}".strip() for who in having)
    return BlockedError(
        f"{project.lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
        f"pnpm keeps it for {named}; look at its overrides",
        having,
    )


def unmet(project: Project, overridden: Sequence[tuple[str, str]] = ()) -> Mapping[str, Requirer]:
    """Every peer that has a version which its user refuses, by words for people; pnpm lets that pass.

    What is `overridden`, as (package, version), is not meant to meet it.
    """
    return {
        f"{edge.owner.package} {edge.owner.version} needs {edge.target.package} {edge.peer}": told(project, edge)
        for edge in edges(project.lock)
        if _is_unmet(edge) and (edge.target.package, edge.target.version) not in overridden
    }


def _is_unmet(edge: Edge) -> bool:
    return edge.peer is not None and not _admits(edge.target.version, edge.peer)


def _admits(version: str, spec: str) -> bool:
    """Whether pnpm may install `version` for `spec`; a dist-tag may be anything."""
    return not is_range(spec) or _VERSIONS.satisfies(version, spec)
