"""The shapes of the universes: each a text of `notation`, and the kinds of lockfile that it can be told for.

Those that no resolver of one ecosystem could meet are left out there: npm has no yanked releases, Python no peers,
and a list of pins does not say which Python it is for.
"""

from __future__ import annotations

from benchmarks.fix.universe import KINDS, Kind

PYTHON: tuple[Kind, ...] = ("flat", "uv")
UV: tuple[Kind, ...] = ("uv",)
LOCKED: tuple[Kind, ...] = ("uv", "npm")
NPM: tuple[Kind, ...] = ("npm",)

DIRECT = {
    "direct": "a 1*\n a 1.0.1\n a 1.1\n root a[1,2)\n flaw a 0..1.0.1",
    "direct pin": "a 1*\n a 1.1\n a 1.2\n root a=1\n flaw a 0..1.1",
    "majors only": "a 1*\n a 1.1\n a 2\n a 3\n root a[1,2)\n flaw a 0..2",
    "development": "a 1*\n a 1.1\n a 2\n dev a[1,2)\n flaw a 0..2",
    "no fix": "a 1*\n a 1.1\n c 1*\n c 1.1\n root a[1,2)\n root c[1,2)\n flaw a 0..\n flaw c 0..1.1",
    "partly fixed": "a 1*\n a 1.1\n root a[1,2)\n flaw a 0..1.1\n flaw a 0..",
    "two flaws": "a 1*\n a 1.1\n a 1.2\n a 2\n root a[1,2)\n flaw a 0..1.1\n flaw a 0..2",
    "fix has another flaw": "a 1*\n a 1.1\n a 1.2\n root a[1,2)\n flaw a 0..1.1\n flaw a 1.1..1.2",
    "every fix has another flaw": "a 1*\n a 1.1\n c 1*\n c 2\n root a[1,2)\n root c[1,2)\n"
    "flaw a 0..1.1\n flaw a 1.1..\n flaw c 0..2",
    "fix needs a vulnerable package": "a 1*\n a 1.1 : c[1,2)\n a 1.2\n c 1\n root a[1,2)\n flaw a 0..1.1\n flaw c 0..",
    "every fix needs a vulnerable package": "a 1*\n a 1.1 : c[1,2)\n a 2 : c[1,2)\n c 1\n d 1*\n d 1.1\n"
    "root a[1,2)\n root d[1,2)\n flaw a 0..1.1\n flaw c 0..\n flaw d 0..1.1",
    "fix needs a newer direct one": "a 1*\n a 1.1 : c[1.1,2)\n c 1*\n c 1.1\n root a[1,2)\n root c=1\n flaw a 0..1.1",
    "direct and needed": "a 1*\n a 2\n b 1* : a[1,2)\n b 2 : a[1,3)\n root a[1,2)\n root b[1,2)\n flaw a 0..2",
    "direct and held": "a 1*\n a 2\n b 1* : a[1,2)\n b 1.1 : a[1,2)\n root a[1,2)\n root b[1,2)\n flaw a 0..2",
    "direct pair": "a 1* : b=1\n a 2 : b=2\n b 1*\n b 2\n root a[1,2)\n root b[1,2)\n flaw b 0..2",
}
"""The vulnerable package is one that the project names."""

TRANSITIVE = {
    "lock only": "a 1* : b[1,2)\n b 1*\n b 1.0.1\n b 1.1\n root a[1,2)\n flaw b 0..1.0.1",
    "diamond": "a 1* : d[1,3)\n b 1* : d[1,2)\n d 1*\n d 1.5\n d 2\n root a[1,2)\n root b[1,2)\n flaw d 0..1.5",
    "blocked diamond": "a 1* : d[1,3)\n b 1* : d[1,2)\n b 2 : d[2,3)\n d 1*\n d 2\n root a[1,2)\n root b[1,2)\n"
    "flaw d 0..2",
    "parent": "a 1* : b[1,2)\n a 2 : b[2,3)\n b 1*\n b 2\n root a[1,2)\n flaw b 0..2",
    "parent pins": "a 1* : b=1\n a 1.0.1 : b=1\n a 1.1 : b=1.1\n b 1*\n b 1.1\n root a[1,2)\n flaw b 0..1.1",
    "two parents": "a 1* : c[1,2)\n a 2 : c[2,3)\n b 1* : c[1,2)\n b 1.1 : c[2,3)\n c 1*\n c 2\n"
    "root a[1,2)\n root b[1,2)\n flaw c 0..2",
    "lock raises a parent": "a 1* : b[1,3)\n b 1* : c[1,2)\n b 2 : c[2,3)\n c 1*\n c 2\n root a[1,2)\n flaw c 0..2",
    "two steps up": "a 1* : b[1,2)\n a 2 : b[2,3)\n b 1* : c[1,2)\n b 2 : c[2,3)\n c 1*\n c 2\n root a[1,2)\n"
    "flaw c 0..2",
    "parent drops it": "a 1* : b[1,2)\n a 2\n b 1*\n b 1.1\n root a[1,2)\n flaw b 0..",
    "no fix below": "a 1* : b[1,2)\n b 1*\n b 1.1\n c 1*\n c 1.1\n root a[1,2)\n root c[1,2)\n flaw b 0..\n"
    "flaw c 0..1.1",
    "override": "a 1* : b[1,2)\n a 1.1 : b[1,2)\n b 1*\n b 2\n root a[1,2)\n flaw b 0..2",
    "override of a pin": "a 1* : b=1\n c 1* : b[1,2)\n b 1*\n b 1.1\n b 2\n root a[1,2)\n root c[1,2)\n flaw b 0..1.1",
    "parent's fix has another flaw": "a 1* : b[1,2)\n a 2 : b[2,3)\n a 3 : b[2,3)\n b 1*\n b 2\n root a[1,2)\n"
    "flaw b 0..2\n flaw a 2..3",
}
"""It comes with another one."""

CONFLICTS = {
    "fixes exclude each other": "a 1* : c[1,3)\n a 1.1 : c[1,2)\n b 1* : c[1,3)\n b 1.1 : c[2,3)\n c 1*\n c 2\n"
    "root a[1,2)\n root b[1,2)\n flaw a 0..1.1\n flaw b 0..1.1",
    "one fix excludes two": "a 1* : c[1,3)\n a 1.1 : c[1,2)\n b 1* : c[1,3)\n b 1.1 : c[2,3)\n d 1* : c[1,3)\n"
    "d 1.1 : c[2,3)\n c 1*\n c 2\n root a[1,2)\n root b[1,2)\n root d[1,2)\n"
    "flaw a 0..1.1\n flaw b 0..1.1\n flaw d 0..1.1",
    "lowest fixes conflict": "a 1* : c[1,3)\n a 1.1 : c[1,2)\n a 1.2 : c[1,3)\n b 1* : c[1,3)\n b 1.1 : c[2,3)\n"
    "c 1*\n c 2\n root a[1,2)\n root b[1,2)\n flaw a 0..1.1\n flaw b 0..1.1",
    "fixes only together": "a 1* : b[1,2)\n a 2 : b[2,3)\n b 1* : c[1,2)\n b 2 : c[2,3)\n c 1*\n c 2\n"
    "root a[1,2)\n root b[1,2)\n root c[1,2)\n flaw a 0..2\n flaw b 0..2\n flaw c 0..2",
}
"""Fixes that cannot be chosen one by one."""

MARKERS = {
    "markers": "a 1*\n a 1.1\n a 2*\n a 2.1\n root a[1,2)?lt\n root a[2,3)?ge\n flaw a 0..1.1\n flaw a 2..2.1",
    "markers, one side without a fix": "a 1*\n a 1.1\n a 2*\n a 2.1\n root a[1,2)?lt\n root a[2,3)?ge\n"
    "flaw a 0..1.1\n flaw a 2..",
    "marker below": "a 1* : b[1,2)?lt\n b 1*\n b 1.1\n b 2\n root a[1,2)\n flaw b 0..1.1",
}
YANKED = {
    "yanked fix": "a 1*\n a 1.1!\n a 1.2\n root a[1,2)\n flaw a 0..1.1",
    "every fix yanked": "a 1*\n a 1.1!\n c 1*\n c 1.1\n root a[1,2)\n root c[1,2)\n flaw a 0..1.1\n flaw c 0..1.1",
    "yanked fix below": "a 1* : b[1,2)\n b 1*\n b 1.1!\n b 1.2\n root a[1,2)\n flaw b 0..1.1",
}
PYTHONS = {
    "fix needs a newer Python": "a 1*\n a 1.1@3.14\n a 1.2\n root a[1,2)\n flaw a 0..1.1",
    "every fix needs a newer Python": "a 1*\n a 1.1@3.14\n c 1*\n c 1.1\n root a[1,2)\n root c[1,2)\n"
    "flaw a 0..1.1\n flaw c 0..1.1",
}
WORKSPACES = {
    "workspace": "a 1*\n a 2\n b 1*\n root@web a[1,2)\n root@api a[1,3)\n root b[1,2)\n flaw a 0..2",
    "workspace, transitive": "a 1* : b[1,3)\n c 1* : b[1,2)\n c 2 : b[2,3)\n b 1*\n b 2\n root@web a[1,2)\n"
    "root@api c[1,2)\n flaw b 0..2",
    "workspace, lock only": "a 1* : b[1,2)\n b 1*\n b 1.1\n root@web a[1,2)\n root@api a[1,2)\n flaw b 0..1.1",
}
COPIES = {
    "copies": "a 1* : d[1,2)\n b 1* : d[2,3)\n d 1*\n d 1.1\n d 2*\n d 2.1\n root a[1,2)\n root b[1,2)\n"
    "flaw d 0..1.1\n flaw d 2..2.1",
    "copies, one without a fix": "a 1* : d[1,2)\n b 1* : d[2,3)\n d 1*\n d 1.1\n d 2*\n d 2.1\n root a[1,2)\n"
    "root b[1,2)\n flaw d 0..1.1\n flaw d 2..",
    "peer": "a 1* : ~b[1,2)\n a 2 : ~b[2,3)\n b 1*\n b 2\n root a[1,2)\n root b[1,2)\n flaw b 0..2",
    "peer in the way": "a 1* : ~b[1,2)\n c 1*\n c 1.1\n b 1*\n b 2\n root a[1,2)\n root b[1,2)\n root c[1,2)\n"
    "flaw b 0..2\n flaw c 0..1.1",
}

TEXTS: dict[str, tuple[str, tuple[Kind, ...]]] = {
    **{name: (text, KINDS) for name, text in {**DIRECT, **TRANSITIVE, **CONFLICTS}.items()},
    **{name: (text, PYTHON) for name, text in {**MARKERS, **YANKED}.items()},
    **{name: (text, UV) for name, text in PYTHONS.items()},
    **{name: (text, LOCKED) for name, text in WORKSPACES.items()},
    **{name: (text, NPM) for name, text in COPIES.items()},
}
"""Name to text and kinds."""
