"""What a registry tells of one release besides what it requires: its source, its texts, its archives, who made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_LONGEST = 500
_SCP = re.compile(r"^(?:ssh://)?git@([\w.-]+)[:/](?!\d+/)(.+)$")
_GIT_SCHEME = re.compile(r"^(?:git\+)?(?:https?|ssh|git)://(?:[^@/\s]*@)?")
_SHORT = re.compile(r"^(?:(github|gitlab|bitbucket):)?([\w.-]+/[\w.-]+)$")
_SITES = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_PATH = re.compile(r"^(?:/[\w.~+-]+){2,8}$")
_SOURCE_LABELS = ("source", "source code", "sourcecode", "repository", "code", "github", "gitlab", "git", "development")
_HOME_LABELS = ("homepage", "home", "home-page")
_OF_A_FORGE = re.compile(r"(^|\.)(git|gitlab|github|bitbucket|codeberg|gitea|forgejo|code|source)[\w-]*\.")


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of a release. `size` is in bytes, None where the registry does not tell."""

    url: str
    size: int | None


@dataclass(frozen=True, slots=True)
class About:
    """`source` is the web address of the repository, "" where none is told. `text` is the release's own description.

    `archives` are to be looked into in this order. `attested` is whether it has a proof of where it was built, None
    where the registry does not tell. `publisher` is the account that published it and `maintainers` those that may,
    "" and () where the registry does not tell.
    """

    source: str = ""
    text: str = ""
    archives: tuple[Archive, ...] = ()
    attested: bool | None = None
    publisher: str = ""
    maintainers: tuple[str, ...] = ()


def web_source(written: str) -> str:
    """The web address of a repository as npm and others write it (`git+https://…`, `git@host:path`, `github:a/b`).

    "" for what is none. Only https is given out: nothing is asked of it, people follow it.
    """
    written = written.strip()[:_LONGEST]
    if short := _SHORT.match(written):
        return f"https://{_SITES[short[1] or 'github']}/{short[2].removesuffix('.git')}"
    if scp := _SCP.match(written):
        host, path = scp[1], f"/{scp[2]}"
    elif _GIT_SCHEME.match(written):
        try:
            parts = urlsplit(_GIT_SCHEME.sub("https://", written))
            host, path = parts.netloc, parts.path
        except ValueError:
            return ""
    else:
        return ""
    path = re.split(r"/(?:-/)?(?:tree|blob|issues|releases|wiki)(?:/|$)", path)[0].rstrip("/").removesuffix(".git")
    return f"https://{host}{path}" if re.fullmatch(r"[\w.-]+(:\d+)?", host) and _PATH.match(path) else ""


def source_among(links: Mapping[str, str]) -> str:
    """The source repository among labelled links: by its label, else the home page that lies on a forge."""
    labelled = {label.strip().casefold(): url for label, url in links.items()}
    named = (labelled[label] for label in _SOURCE_LABELS if label in labelled)
    return _first((*named, *_on_a_forge(labelled[label] for label in _HOME_LABELS if label in labelled)))


def _on_a_forge(urls: Iterable[str]) -> Iterable[str]:
    return (url for url in urls if _OF_A_FORGE.search(urlsplit(web_source(url)).netloc))


def _first(urls: Iterable[str]) -> str:
    return next((found for url in urls if (found := web_source(url))), "")
