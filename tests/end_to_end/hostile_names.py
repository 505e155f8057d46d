"""Hostile repositories whose names mean something to who shows them."""

from __future__ import annotations

from tests.end_to_end.hostile import (
    PIN,
    Case,
    npm,
    package,
    package_lock,
)

EVIL_TEXT = "</details><script>alert(1)</script><img src=x onerror=alert(1)>"

NAMES = (
    Case(
        "HTML for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", EVIL_TEXT: "^1.0.0"})},
        "is not the name of a package that a registry can have: correct it",
    ),
    Case(
        "HTML for a range",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": EVIL_TEXT})},
        "does not come from a registry and is not handled: check it yourself",
    ),
    Case(
        "quick action for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "\n/close\n/assign @root\n": "^1.0.0"})},
        "is not the name of a package that a registry can have: correct it",
    ),
    Case(
        "ANSI for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "\x1b]0;owned\x07\x1b[31mred": "^1.0.0"})},
        "is not the name of a package that a registry can have: correct it",
    ),
    Case(
        "bidi for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "a\u202egnp.exe": "^1.0.0"})},
        "is not the name of a package that a registry can have: correct it",
    ),
    Case(
        "option for a name",
        lambda g: {"requirements.txt": f"--output-file={g.marker}\n-x==1.0\n{PIN}"},
        "the option --output-file is not known; remove it",
    ),
    Case("HTML for a folder", lambda g: {'<img src=x onerror="alert(1)">/requirements.txt': PIN}),
    Case("quick action for a folder", lambda g: {"a\n/close\n/assign @root\n/requirements.txt": PIN}),
    Case("ANSI and bidi for a folder", lambda g: {"\x1b[31m\u202egnp/requirements.txt": PIN}),
    Case("Markdown for a folder", lambda g: {"`x` [a](javascript:alert(1)) @root #1/requirements.txt": PIN}),
    Case(
        "option for a folder",
        lambda g: {
            "--upload-pack=touch x/requirements.txt": PIN,
            "-rf/package.json": package(),
            "-rf/package-lock.json": package_lock(f"{g.npm}/left/-/left-1.0.0.tgz"),
        },
        fixed=("acme", "left"),
    ),
    Case(
        "comment with quick actions",
        lambda g: {"requirements.txt": "acme==1.0  # \r/close\u2028/assign @root <script>\n"},
        "a local path has no version to look up; depend on a release",
    ),
)
