"""What a release of a Python project requires and says, read from the metadata of a wheel; nothing is built or run.

Source: PEP 658 and PEP 714 (the metadata file beside a wheel), the core metadata specification (`Requires-Dist`).
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from packaging.metadata import parse_email
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.about import About, source_among
from remediators.api import RegistryError, Tools
from remediators.python.requirement import read_requirement

_LARGEST_WHEEL = 32 * 2**20
_LARGEST_METADATA = 4 * 2**20
_LONGEST_HEADERS = 2**18
"""Bytes; each of them costs ten times what one of the description does."""
_ANY = "application/octet-stream, */*;q=0.1"
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What `zipfile` raises for archives that are broken, encrypted or packed in a way that Python has no support for."""

_NAME = re.compile(r"\s*+[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_OF_AN_EXTRA = re.compile(r"\bextra\s*+==")
_BOUNDS = frozenset(("==", "===", "~=", "<", "<="))
_FLOORS = frozenset(("==", "===", "~=", ">", ">="))


def metadata_beside(package: str, wheel_url: str, tools: Tools) -> bytes | None:
    """The metadata file that an index offers beside a wheel; None when it is missing after all."""
    answer = tools.fetch(f"{wheel_url}.metadata", _ANY)
    if answer.status != 200:
        return None
    if _too_large(answer.body):
        raise RegistryError(f"{package}: the metadata at {wheel_url}.metadata is too large to be read")
    return answer.body


def metadata_within(package: str, wheel_url: str, size: int | None, tools: Tools) -> bytes:
    """The metadata file inside a wheel, which is fetched whole. Raises RegistryError when it cannot be read."""
    remedy = "use an index that offers metadata files (PEP 658)"
    if size is not None and size > _LARGEST_WHEEL:
        raise RegistryError(f"{package}: {wheel_url} is too large ({size:,} bytes) to look into; {remedy}")
    answer = tools.fetch(wheel_url, _ANY)
    if answer.status != 200:
        raise RegistryError(f"{package}: the index lists {wheel_url} and does not have it; try again later")
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as wheel:
            names = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1]
            if len(names) != 1 or wheel.getinfo(names[0]).file_size > _LARGEST_METADATA:
                raise RegistryError(f"{package}: {wheel_url} has no readable METADATA; {remedy}")
            metadata = wheel.read(names[0])
    except _UNREADABLE as error:
        raise RegistryError(f"{package}: {wheel_url} is not a wheel that can be read: {error}") from error
    if _too_large(metadata):
        raise RegistryError(f"{package}: the metadata in {wheel_url} is too large to be read; {remedy}")
    return metadata


def _too_large(metadata: bytes) -> bool:
    headers = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return len(metadata) > _LARGEST_METADATA or len(headers) > _LONGEST_HEADERS


def required(metadata: bytes) -> Mapping[str, str]:
    """Normalised name to range of everything that a METADATA file requires without an extra, on any platform.

    A range that cannot be read (some old releases have such) is "". Where markers give one package several
    ranges, it is the one that reaches the highest versions: whether it fits is for a resolver to say.
    """
    ranges: dict[str, list[str]] = {}
    for written in parse_email(metadata)[0].get("requires_dist", ()):
        found = _NAME.match(written)
        if found is not None and not _OF_AN_EXTRA.search(written.partition(";")[2]):
            ranges.setdefault(canonicalize_name(found[0]), []).append(_range(written))
    return {name: max(specifiers, key=_reach) for name, specifiers in ranges.items()}


def described(metadata: bytes) -> About:
    """The source repository and the description that a METADATA file tells."""
    read = parse_email(metadata)[0]
    home = read.get("home_page")
    links = {**({"home-page": home} if home else {}), **read.get("project_urls", {})}
    return About(source=source_among(links), text=read.get("description", ""))


def _range(written: str) -> str:
    try:
        requirement = read_requirement(written)
    except ValueError:
        return ""
    return "" if requirement.url else requirement.specifier


def _reach(specifier: str) -> tuple[bool, Version, Version]:
    """How far up a range goes (without a bound the farthest), then how high it starts."""
    lowest = Version("0.dev0")
    above, floor = [], [lowest]
    for clause in SpecifierSet(specifier):
        try:
            version = Version(clause.version.removesuffix(".*"))
        except ValueError:
            continue
        if clause.operator in _BOUNDS:
            above.append(version)
        if clause.operator in _FLOORS:
            floor.append(version)
    return (not above, min(above, default=lowest), max(floor))
