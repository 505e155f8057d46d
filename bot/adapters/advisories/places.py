"""Where advisory dumps lie: a folder of this machine, or below a URL."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

from bot.adapters.advisories.local import without_user
from bot.adapters.http import Http
from bot.adapters.http_client import HttpError
from bot.errors import AdvisoryError

LAYOUTS = ("{}.zip", "{}/all.zip")
"""Where an ecosystem's dump may lie; the second is how OSV itself publishes them."""

MAX_DOWNLOAD = 2**30
FRESH_FOR = timedelta(hours=1)

_ETAG = ('"', 'W/"')


class NoDumpError(AdvisoryError):
    """The place holds no dump of this ecosystem."""


class OutOfReachError(AdvisoryError):
    """The place could not be asked."""


@dataclass(frozen=True, slots=True)
class Dump:
    """An open dump, to be closed by whoever asked for it. `validator` tells it from every other content."""

    file: IO[bytes]
    validator: str


class Place(Protocol):
    """Somewhere that holds dumps. `fresh_for` is how long a look at it counts."""

    @property
    def location(self) -> str:
        """The place, for people and for the store."""

    @property
    def fresh_for(self) -> timedelta:
        """How long a look at it counts."""

    def open(self, ecosystem: str, known: str) -> Dump | None:
        """The dump of an ecosystem; None when it is still the one with validator `known`.

        Raises NoDumpError, OutOfReachError, or AdvisoryError for one that cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """Dumps in a folder. A look is cheap: the size and time of a file, and its digest when they are new."""

    path: Path
    fresh_for: timedelta = timedelta(0)
    _digests: dict[Path, tuple[tuple[int, int], str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def location(self) -> str:
        """The folder, in full."""
        return str(self.path.absolute())

    def open(self, ecosystem: str, known: str) -> Dump | None:
        """As `Place.open`."""
        for layout in LAYOUTS:
            path = self.path / layout.format(ecosystem)
            try:
                file = path.open("rb")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise AdvisoryError(f"{path} cannot be read: {error.strerror}") from error
            validator = self._validator(path, file)
            if validator != known:
                return Dump(file, validator)
            file.close()
            return None
        raise NoDumpError(f"there is no {ecosystem}.zip in {self.location}")

    def _validator(self, path: Path, file: io.BufferedReader) -> str:
        found = os.fstat(file.fileno())
        stamp = (found.st_size, found.st_mtime_ns)
        held = self._digests.get(path)
        if held is None or held[0] != stamp:
            held = (stamp, hashlib.file_digest(file, "sha256").hexdigest())
            file.seek(0)
            self._digests[path] = held
        return held[1]


@dataclass(frozen=True, slots=True)
class Site:
    """Dumps below a URL, downloaded again only when the server says that they changed."""

    url: str
    http: Http
    fresh_for: timedelta = FRESH_FOR

    @property
    def location(self) -> str:
        """The URL, without a user and without a slash at its end."""
        return without_user(self.url).rstrip("/")

    def open(self, ecosystem: str, known: str) -> Dump | None:
        """As `Place.open`."""
        for layout in LAYOUTS:
            url = f"{self.url.rstrip('/')}/{quote(layout.format(ecosystem))}"
            try:
                answer = self.http.get(url, etag=known if known.startswith(_ETAG) else "", limit=MAX_DOWNLOAD)
            except HttpError as error:
                raise OutOfReachError(str(error)) from error
            if answer.status == 404:
                continue
            validator = answer.etag or hashlib.sha256(answer.body).hexdigest()
            return None if answer.status == 304 or validator == known else Dump(io.BytesIO(answer.body), validator)
        raise NoDumpError(f"there is no {ecosystem}.zip below {self.location}")


def place(location: str, http: Http, fresh_for: timedelta = FRESH_FOR) -> Place:
    """The folder or the site that `location` names."""
    if location.startswith(("https://", "http://")):
        return Site(location, http, fresh_for)
    return Folder(Path(location).expanduser())
