"""What a simple index tells of one release besides what it requires.

Source: PEP 658 and PEP 714 (the metadata file beside a wheel), PEP 740 (attestations).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from remediators.about import About, Archive
from remediators.api import Tools
from remediators.errors import RegistryError
from remediators.registries.project_files import ProjectFile
from remediators.registries.python_metadata import described, metadata_beside


def about(package: str, version: str, files: Sequence[ProjectFile], tools: Tools) -> About:
    """What is told of a release that has these files. Raises RegistryError when there is none.

    A wheel hardly ever has a changelog: the archives are those of its source.
    """
    if not files:
        raise RegistryError(f"{package} {version} does not exist (any more); choose another release")
    wheel = next((file for file in files if file.metadata), None)
    metadata = metadata_beside(package, wheel.url, tools) if wheel is not None else None
    ordered = sorted((file for file in files if not file.name.endswith(".whl")), key=lambda file: file.name)
    return replace(
        described(metadata or b""),
        archives=tuple(Archive(file.url, file.size) for file in ordered),
        attested=any(file.attested for file in files),
    )
