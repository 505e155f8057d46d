"""How a universe is written down: a line for each release, direct dependency and flaw.

    a 1.0.0* : b[1,2) c=1.1     a release; `*` was there when the project was locked, `!` is yanked, `@3.13` needs that
                                Python; after the colon what it needs: [from,below), =exactly, `~` a peer,
                                `?lt` or `?ge` only on that side of the marker
    root a[1,2)                 a direct dependency; `root@web` of a workspace's member, `dev` for development
    flaw b 0..2                 every version of b from 0 below 2 is vulnerable; `0..` has no fix

Versions are short for three numbers: 1 is 1.0.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from benchmarks.fix.universe import Flaw, Need, Range, Release, Root

_RELEASE = re.compile(r"(?P<package>[a-z]+) (?P<version>[\d.]+)(?P<old>\*?)(?P<yanked>!?)(?:@(?P<python>[\d.]+))?")
_NEED = re.compile(
    r"(?P<peer>~?)(?P<package>[a-z]+)(?:=(?P<exact>[\d.]+)|\[(?P<low>[\d.]+),(?P<below>[\d.]*)\))(?:\?(?P<side>lt|ge))?"
)
_ROOT = re.compile(r"(?P<word>root|dev)(?:@(?P<member>[a-z]+))? (?P<need>\S+)")
_FLAW = re.compile(r"flaw (?P<package>[a-z]+) (?P<introduced>[\d.]+?)\.\.(?P<fixed>[\d.]*)")


@dataclass(slots=True)
class Draft:
    """What was read: packages still have their short names."""

    releases: list[Release] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def read(text: str) -> Draft:
    """The draft of a universe. Raises ValueError naming a line that is none of the above."""
    draft = Draft()
    for line in filter(None, (each.strip() for each in text.splitlines())):
        head, _, tail = line.partition(" : ")
        if found := _ROOT.fullmatch(line):
            draft.roots.append(Root(_need(found["need"]), found["member"] or "", found["word"] == "dev"))
        elif found := _FLAW.fullmatch(line):
            fixed = found["fixed"] and _full(found["fixed"])
            flaw = Flaw(str(len(draft.flaws) + 1), found["package"], _full(found["introduced"]), fixed)
            draft.flaws.append(flaw)
        elif found := _RELEASE.fullmatch(head):
            needs = tuple(_need(each) for each in tail.split())
            python = f">={found['python']}" if found["python"] else ""
            version = _full(found["version"])
            flags = bool(found["old"]), bool(found["yanked"])
            draft.releases.append(Release(found["package"], version, needs, *flags, python))
        else:
            raise ValueError(f"not a release, a direct dependency or a flaw: {line!r}")
    return draft


def _need(text: str) -> Need:
    found = _NEED.fullmatch(text)
    if found is None:
        raise ValueError(f"not a requirement: {text!r}")
    if found["exact"]:
        span = Range(_full(found["exact"]), exact=True)
    else:
        span = Range(_full(found["low"]), found["below"] and _full(found["below"]))
    return Need(found["package"], span, found["side"] or "", bool(found["peer"]))


def _full(version: str) -> str:
    return ".".join((*version.split("."), "0", "0")[:3])
