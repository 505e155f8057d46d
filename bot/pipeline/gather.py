"""Facts of one project: its inventory joined with what registries and advisory data say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.ports import Toolbox
from state.model import Dependency, Facts, Failure


def facts(
    dependencies: tuple[Dependency, ...],
    failed: tuple[Failure, ...],
    toolbox: Toolbox,
    outdated: bool = True,
) -> Facts:
    """Everything known about these dependencies; each failed look-up is in `failed`.

    Releases are looked up for what may have to move: vulnerable packages, ranges that nothing pins, and,
    when `outdated` is wanted, everything direct.
    """
    answer = toolbox.advisories.lookup({(d.ecosystem, d.package) for d in dependencies})
    wanted = {
        (d.ecosystem, d.package, d.index)
        for d in dependencies
        if (outdated and d.direct) or d.version is None or answer.advisories.get((d.ecosystem, d.package))
    }
    published = toolbox.releases.lookup(wanted)
    known = {name for found in answer.advisories.values() for a in found for name in a.names if name.startswith("CVE-")}
    attacks = toolbox.threats.lookup(known)
    return Facts(
        dependencies=dependencies,
        releases=published.releases,
        advisories=answer.advisories,
        snapshot=answer.snapshot,
        failed=(*failed, *answer.failed, *published.failed, *attacks.failed),
        threats=attacks.threats,
    )


def by_package(dependencies: Iterable[Dependency]) -> Mapping[tuple[str, str], tuple[Dependency, ...]]:
    """The inventory grouped by (ecosystem, package), in a stable order."""
    grouped: dict[tuple[str, str], list[Dependency]] = {}
    for dependency in sorted(dependencies, key=lambda d: (d.ecosystem, d.package, d.manifest, d.version or "")):
        grouped.setdefault((dependency.ecosystem, dependency.package), []).append(dependency)
    return {key: tuple(found) for key, found in grouped.items()}
