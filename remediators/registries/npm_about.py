"""What an npm registry tells of one release besides what it requires.

Source: npm's "package metadata" reference; `dist.attestations` is npm's record of provenance, `dist.signatures` the
registry's own signature, which says nothing of where a release was built.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remediators.about import About, Archive, source_among


def reduced(value: dict[str, Any]) -> About | None:
    """A release's manifest as what is told of it; None for what is none."""
    dist = value.get("dist")
    if not isinstance(dist, dict) or "version" not in value:
        return None
    tarball = dist.get("tarball")
    return About(
        source=_source(value),
        text=_text(value.get("readme")),
        archives=(Archive(tarball, None),) if isinstance(tarball, str) else (),
        attested=isinstance(dist.get("attestations"), dict),
        publisher=_name(value.get("_npmUser")),
        maintainers=tuple(sorted(filter(None, map(_name, _listed(value.get("maintainers")))))),
    )


def _source(value: Mapping[str, Any]) -> str:
    repository = value.get("repository")
    written = repository.get("url") if isinstance(repository, dict) else repository
    links = {"repository": written, "homepage": value.get("homepage")}
    return source_among({label: url for label, url in links.items() if isinstance(url, str)})


def _text(written: object) -> str:
    return written if isinstance(written, str) else ""


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(person: object) -> str:
    """The account of a person: `{"name": …}`, or in old documents `name <address>`."""
    name = person.get("name") if isinstance(person, dict) else person
    return name.partition("<")[0].strip()[:100] if isinstance(name, str) else ""
