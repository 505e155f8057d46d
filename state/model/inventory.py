"""What a project is and what it depends on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Scope(enum.StrEnum):
    """What a dependency is for: only runtime ones reach production."""

    RUNTIME = "runtime"
    DEV = "dev"
    OPTIONAL = "optional"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Project:
    """A GitLab project as discovery saw it. `head` is the default branch's commit, None when it has none."""

    id: int
    path: str
    default_branch: str | None
    head: str | None
    web_url: str
    clone_url: str
    access_level: int
    archived: bool = False
    issues_enabled: bool = True
    merge_requests_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of the inventory: a package as one manifest or lockfile names it.

    `ecosystem` is OSV's name ("PyPI", "npm"); `package` is normalised by that ecosystem's rules.
    `requirement` is as written ("" for a transitive one); `version` is the locked or pinned one, None
    when nothing pins it. `manifest` is the file a person edits, `lockfile` the file a tool writes (None
    when there is none). `line` is 1-based in the manifest for direct ones, in the lockfile otherwise.
    `index` is the registry URL that the file itself names, None for the configured one. `platform` is what
    its unit promises to run on (`requires-python`, `engines.node`), "" for no promise.
    """

    ecosystem: str
    package: str
    requirement: str
    version: str | None
    manifest: str
    lockfile: str | None
    scope: Scope
    direct: bool
    line: int
    index: str | None = None
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A published version. `published` is UTC, None where the registry omits it; `requires` is the
    platform requirement as written (`Requires-Python`, npm `engines.node`), "" for none. `deprecated` is what its
    maintainers say against it. `first_seen` is when it appeared here, None for what was there at the first look."""

    version: str
    published: datetime | None
    yanked: bool
    requires: str = ""
    deprecated: str = ""
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a registry said of one package, and the validator (ETag) to ask again cheaply."""

    releases: tuple[Release, ...]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class CachedListing:
    """A listing as the cache holds it. `checked_at` is when the registry last confirmed it."""

    listing: Listing
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """What one release tells of itself besides its version. `source` is the web address of its repository, or "".

    `changelog` is the text that tells what is new, cut, "" for none, and None where it was not looked for.
    `attested` is whether it has a proof of where it was built, None where the registry does not tell; so are
    `publisher` "" and `maintainers` ().
    """

    source: str = ""
    changelog: str | None = None
    attested: bool | None = None
    publisher: str = ""
    maintainers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read or looked up: the thing, the place and what to do, in `reason`.

    `subject` is a file path, or "ecosystem:package", or "advisories". `fault` is False for what is left
    out by design (a VCS requirement): it is said, but the look is whole without it.
    """

    subject: str
    reason: str
    fault: bool = True
