"""Make one change set and prove it, on whatever tree it is given: a commit of a project, or a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.pipeline import gather
from bot.pipeline.making import prove
from bot.pipeline.making.apply import rework, upgrades_of
from bot.pipeline.making.climb import Climb
from bot.pipeline.making.ground import Ground, Keep, Tree, over
from bot.pipeline.making.prove import NotAuditedError, NotProvenError
from bot.pipeline.survey import survey
from bot.ports import Toolbox
from remediators.api import Reader
from remediators.errors import BlockedError
from state.model import Finding, Kind, Proof, Remediation

Pins = tuple[tuple[str, str], ...]
"""(package, version), sorted."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A proven change set that no one else has judged yet: `moved` is what it brings in, by ecosystem.

    `remediation` is what was done, which may be more, or another way, than what was planned.
    """

    remediation: Remediation
    proof: Proof
    moved: Mapping[str, Pins]


def fix(remediation: Remediation, findings: tuple[Finding, ...], ground: Ground, keep: Keep, toolbox: Toolbox) -> Fixed:
    """Edit, relock, `keep`, and prove what was kept; where the planned way is barred, take another for a vulnerability.

    Raises RemediationError: ToolError when a tool failed, BlockedError or NotProvenError when it cannot be done.
    """
    try:
        # What has no fixed version can only go with who requires it, and who that is has to be found.
        if all(change.after for change in remediation.changes):
            files = rework(ground.survey, ground.reader, remediation, toolbox)
            return proven(remediation, files, findings, ground, keep, toolbox)
    except NotAuditedError:
        raise
    except (BlockedError, NotProvenError):
        if remediation.kind is not Kind.VULNERABLE:
            raise

    def proves(tried: Remediation, files: Mapping[str, bytes]) -> None:
        in_memory = Tree("", "", over(ground.reader, files), frozenset(files))
        _proven(tried, files, findings, ground, lambda _, __: in_memory, toolbox)

    climbed = Climb(remediation, findings, ground, toolbox, proves).climbed()
    return proven(climbed.remediation, climbed.files, findings, ground, keep, toolbox)


def proven(
    remediation: Remediation,
    files: Mapping[str, bytes],
    findings: tuple[Finding, ...],
    ground: Ground,
    keep: Keep,
    toolbox: Toolbox,
) -> Fixed:
    """`keep` the files of a change set, and prove what was kept. Raises NotProvenError."""
    return _told(_proven(remediation, files, findings, ground, keep, toolbox), ground, toolbox)


def _proven(
    remediation: Remediation,
    files: Mapping[str, bytes],
    findings: tuple[Finding, ...],
    ground: Ground,
    keep: Keep,
    toolbox: Toolbox,
) -> Fixed:
    tree = keep(remediation, files)
    units = ground.survey.units_of({c.manifest for c in remediation.changes})
    touched = frozenset(path for unit in units for path in unit.files)
    after = audit_tree(ground.paths, tree.reader, touched, toolbox)
    setting = prove.Setting(tree.changed_files, touched, tree.hash, tree.base, {})
    before = prove.audit(ground.facts, touched, toolbox.ecosystems)
    proof = prove.prove(remediation, findings, before, after, setting, toolbox.ecosystems)
    return Fixed(remediation, proof, moved(before, after, touched, toolbox))


def audit_tree(paths: Collection[str], reader: Reader, touched: Collection[str], toolbox: Toolbox) -> prove.Audit:
    """Read and audit a tree from nothing but its files."""
    read = survey(toolbox.ecosystems, paths, reader, lambda _: None)
    facts = gather.facts(read.dependencies, read.failed, toolbox, outdated=False)
    return prove.audit(facts, touched, toolbox.ecosystems)


def _told(fixed: Fixed, ground: Ground, toolbox: Toolbox) -> Fixed:
    """With the tools that ran: asking some for their version takes a process, so it is for what is kept."""
    versions: dict[str, list[str]] = {}
    for unit in ground.survey.units:
        remediator = toolbox.ecosystems.named(unit.remediator)
        if upgrades_of(unit, remediator, fixed.remediation):
            for name, version in remediator.tool_versions(unit, ground.reader, toolbox.tools).items():
                versions.setdefault(name, []).append(version)
    return replace(fixed, proof=replace(fixed.proof, tools=several(versions)))


def several(versions: Mapping[str, Iterable[str]]) -> Mapping[str, str]:
    """The versions of each tool in words: units may have been locked by different ones."""
    return {name: " and ".join(dict.fromkeys(each)) for name, each in versions.items()}


def second_opinion(fixed: Fixed, toolbox: Toolbox) -> Proof:
    """The proof with what others say of the versions that it brings in.

    What stays as it was is none of its doing: what others say of that must not keep the fix of another package.

    Raises RemediationError when another auditor contradicts it, or cannot say.
    """
    said = (toolbox.crosschecks.check(ecosystem, pins, fixed.proof) for ecosystem, pins in fixed.moved.items())
    return replace(fixed.proof, checks=tuple(line for line in said if line is not None))


def moved(before: prove.Audit, after: prove.Audit, touched: Collection[str], toolbox: Toolbox) -> Mapping[str, Pins]:
    """What a tree has in these files that its base did not have, by ecosystem."""
    found: dict[str, set[tuple[str, str]]] = {}
    for place, versions in after.versions.items():
        ecosystem, package, manifest = place
        if manifest in touched:
            valid = toolbox.ecosystems.versions(ecosystem).valid
            new = {(package, v) for v in versions - before.versions.get(place, frozenset()) if valid(v)}
            found.setdefault(ecosystem, set()).update(new)
    return {ecosystem: tuple(sorted(pins)) for ecosystem, pins in sorted(found.items()) if pins}
