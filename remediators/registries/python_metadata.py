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

from packaging.metadata import RawMetadata, parse_email
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.about import About, source_among
from remediators.api import Tools
from remediators.errors import RegistryError
from remediators.python.requirement import read_requirement

_LARGEST_WHEEL = 32 * 2**20
_LARGEST_METADATA = 4 * 2**20
LONGEST_HEADERS = 2**18
"""Bytes; each of them costs ten times what one of the description does."""
_LONGEST_REQUIREMENT = 2_000
"""Characters; a range of 60,000 clauses takes longer than all the rest."""
_MOST_FILES = 50_000
_OF_DIRECTORY = b"PK\x01\x02"
_IN_WHEEL = re.compile(r"[^/]+\.dist-info/METADATA")
# What else `zipfile` knows, it unpacks without a limit.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
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
        metadata = _metadata_of(answer.body)
    except _UNREADABLE as error:
        raise RegistryError(f"{package}: {wheel_url} is not a wheel that can be read: {error}") from error
    if metadata is None:
        raise RegistryError(f"{package}: {wheel_url} has no readable METADATA; {remedy}")
    if _too_large(metadata):
        raise RegistryError(f"{package}: the metadata in {wheel_url} is too large to be read; {remedy}")
    return metadata


def _metadata_of(content: bytes) -> bytes | None:
    """At most a byte more than is read of it; None where it is missing, there twice, or not packed as wheels are."""
    if len(content) > _LARGEST_WHEEL or content.count(_OF_DIRECTORY) > _MOST_FILES:
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        named = [entry for entry in wheel.infolist() if _IN_WHEEL.fullmatch(entry.filename)]
        if len(named) != 1 or named[0].compress_type not in _PACKED:
            return None
        # Not `read`, which unpacks the whole of it whatever its size is said to be.
        with wheel.open(named[0]) as file:
            return file.read(_LARGEST_METADATA + 1)


def _too_large(metadata: bytes) -> bool:
    return len(metadata) > _LARGEST_METADATA or len(_parts(metadata)[0]) > LONGEST_HEADERS


def _parts(metadata: bytes) -> tuple[bytes, bytes]:
    """The headers, and the description behind them."""
    headers, _, description = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")
    return headers, description


def _fields(metadata: bytes) -> RawMetadata:
    # The headers alone: to the parser the rest is a mail, of as many parts as a header can make it.
    return parse_email(_parts(metadata)[0] + b"\n")[0]


def required(metadata: bytes) -> Mapping[str, str]:
    """Normalised name to range of everything that a METADATA file requires without an extra, on any platform.

    A range that cannot be read (some old releases have such) is "". Where markers give one package several
    ranges, it is the one that reaches the highest versions: whether it fits is for a resolver to say.
    """
    ranges: dict[str, list[str]] = {}
    for written in _fields(metadata).get("requires_dist", ()):
        found = _NAME.match(written)
        if found is not None and not _OF_AN_EXTRA.search(written.partition(";")[2]):
            ranges.setdefault(canonicalize_name(found[0]), []).append(_range(written))
    return {name: max(specifiers, key=_reach) for name, specifiers in ranges.items()}


def described(metadata: bytes) -> About:
    """The source repository and the description that a METADATA file tells."""
    read = _fields(metadata)
    home = read.get("home_page")
    links = {**({"home-page": home} if home else {}), **read.get("project_urls", {})}
    text = read.get("description") or _parts(metadata)[1].decode("utf-8", "replace")
    return About(source=source_among(links), text=text)


def _range(written: str) -> str:
    if len(written) > _LONGEST_REQUIREMENT:
        return ""
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
