"""The dearest projects: all that is done to one on the way to a fix, with one of its files as large as is read."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.fuzz.cycle import cycle
from benchmarks.fuzz.samples import PROJECTS
from benchmarks.fuzz.shape import Shape
from remediators import bounds
from remediators.bounds import Bounds

_PACKAGE = "app"
"""Every sample project has it, and it is what moves."""
_SHA = "a" * 64
_DIGEST = "A" * 86
_FILES = (
    f'files = [\n    {{file = "p.whl", hash = "sha256:{_SHA}"}},\n    {{file = "q.whl", hash = "sha256:{_SHA}"}},\n]\n'
)
_ENTRY = '\n[[package]]\nname = "p%d"\nversion = "1.%d.0"\n'
_NAMED = "\"app%d; extra=='x%d'\",\n"
_ENTRIES = Bounds(bounds.REQUIREMENTS.largest, 3_990, b"\n")
_OF_REQUIREMENTS = ("requirements", "all move")


def shapes() -> Iterator[Shape]:
    """One or more of each kind of project."""
    yield from _of_python()
    yield from _of_requirements()
    yield from _of_node()


def _of_python() -> Iterator[Shape]:
    lock, manifest = bounds.TOML_LOCKFILE, bounds.TOML_MANIFEST
    source = 'source = { registry = "https://registry.example/simple" }\n'
    needs = 'dependencies = [{ name = "app" }]\n'
    yield _grown("uv", "uv.lock", "needs what moves", lock, _ENTRY + source + needs)
    yield _grown("uv", "uv.lock", "nothing needs it", lock, _ENTRY + source)
    before, after = '"app>=1,<2"', '"app>=1,<2",'
    yield _inside("uv", "pyproject.toml", "requirements", manifest, '"p%d>=1",', (before, after))
    yield _inside("uv", "pyproject.toml", "all move", manifest, '"app>=0.%d,<2",', (before, after))
    yield _grown("poetry", "poetry.lock", "usual", lock, _ENTRY + _FILES)
    needs = '[package.dependencies]\napp = ">=1,<2"\n'
    yield _grown("poetry", "poetry.lock", "needs what moves", lock, _ENTRY + needs)
    yield _grown("poetry", "pyproject.toml", "requirements", manifest, 'p%d = "^1"\n')
    yield _grown("pdm", "pdm.lock", "needs what moves", lock, _ENTRY + 'dependencies = ["app<2"]\n')
    before, after = '"app==1.0"', '"app==1.0",'
    yield _inside("pdm", "pyproject.toml", "all move", manifest, '"app>=0.%d,<2",', (before, after))
    yield _grown("pylock", "pylock.toml", "needs what moves", lock,
                 '[[packages]]\nname = "p%d"\nversion = "1.%d"\ndependencies = [{name = "app"}]\n')  # fmt: skip
    yield _grown(
        "script", "script.py.lock", "needs what moves", lock, _ENTRY + source + 'dependencies = [{ name = "app" }]\n'
    )
    yield _inside(
        "script",
        "script.py",
        "requirements",
        bounds.SCRIPT,
        '#   "p%d>=1",\n',
        ('#   "App==1.0",\n', '#   "App==1.0",\n'),
    )
    yield _grown("script", "script.py", "long script", bounds.SCRIPT, "a%d\n" * 3)
    pinned = f'"p%d":{{"hashes":["sha256:{_SHA}"],"version":"==1.%d"}},'
    yield _inside("pipenv", "Pipfile.lock", "usual", bounds.JSON_LOCKFILE, pinned, ('"default": {', '"default": {'))
    yield _inside("pipenv", "Pipfile", "requirements", manifest, 'p%d=">=1"\n', ("[packages]\n", "[packages]\n"))
    yield _inside(
        "setuptools",
        "setup.cfg",
        "requirements",
        bounds.SETUP_CFG,
        "    p%d>=1\n",
        ("    app==1.0\n", "    app==1.0\n"),
    )
    yield _inside(
        "setuptools",
        "setup.cfg",
        "all move",
        bounds.SETUP_CFG,
        "    app<1.%d,<2\n",
        ("    app==1.0\n", "    app==1.0\n"),
    )
    yield _grown("setuptools", "setup.py", "statements", bounds.SETUP_PY, "a\n" * 3)
    yield _inside(
        "setuptools", "setup.py", "requirements", bounds.SETUP_PY, "'p%d>1',", ("['app==1.0']", "['app==1.0',"), "]"
    )


def _of_requirements() -> Iterator[Shape]:
    for path in ("requirements.txt", "other.txt"):
        yield _grown("requirements", path, "with markers", _ENTRIES, "p%d>=1,<2;os_name=='nt'\n")
        yield _grown("requirements", path, "all move", _ENTRIES, "app>=0.%d,<2;os_name=='nt'\n")
    yield _grown("compiled", "requirements.txt", "usual", _ENTRIES, "p%d==1.%d\n    # via app\n")
    yield _grown("compiled", "requirements.txt", "needs what moves", _ENTRIES, "p%d==1.%d\n")
    yield _grown("compiled", "requirements.in", "requirements", _ENTRIES, "p%d>1\n")
    yield _grown("compiled", "requirements.in", "all move", _ENTRIES, "app<1.%d,<3\n")


def _of_node() -> Iterator[Shape]:
    lock, manifest = bounds.JSON_LOCKFILE, bounds.JSON_MANIFEST
    needs = '"dependencies":{"app":"^1.0.0"}'
    flat = f'"node_modules/p%d":{{"version":"1.%d.0","resolved":"https://registry.example/p-1.tgz",{needs}}},'
    start = ('"packages": {', '"packages": {')
    yield _inside("npm", "package-lock.json", "needs what moves", lock, flat, start)
    yield _inside("npm", "package-lock.json", "versions only", lock, '"node_modules/p%d":{"version":"1.%d.0"},', start)
    twice = '"node_modules/p%d/node_modules/app":{"version":"1.0.0"},'
    yield _inside("npm", "package-lock.json", "copies of what moves", lock, twice, start)
    start = ('{"dependencies": {', '{"dependencies": {')
    tree = '"p%d":{"version":"1.%d.0"},'
    yield _inside("npm-tree", "package-lock.json", "versions only", lock, tree, start)
    tree = '"p%d":{"version":"1.%d.0","requires":{"app":"^1.0.0"}},'
    yield _inside("npm-tree", "package-lock.json", "needs what moves", lock, tree, start)
    asked, aliased = '"p%d":"^1.%d.0",', '"p%d":"npm:app@^1.0.%d",'
    start = ('"dependencies": {', '"dependencies": {')
    for kind in ("npm", "npm-tree", "yarn", "berry", "pnpm"):
        yield _inside(kind, "package.json", "requirements", manifest, asked, start)
        yield _inside(kind, "package.json", "all move", manifest, aliased, start)
    yarn, pnpm = bounds.YARN_LOCKFILE, bounds.YAML_LOCKFILE
    classic = '\np%d@^1, p%d@~1:\n  version "1.%d.0"\n  dependencies:\n    app "^1.0.0"\n'
    yield _grown("yarn", "yarn.lock", "needs what moves", yarn, classic)
    yield _grown("yarn", "yarn.lock", "headers only", yarn, "a@%d:\n")
    berry = (
        '\n"p%d@npm:^1":\n  version: 1.%d.0\n  resolution: "p%d@npm:1.%d.0"\n  dependencies:\n    app: "npm:^1.0.0"\n'
    )
    yield _grown("berry", "yarn.lock", "needs what moves", yarn, berry)
    yield _grown(
        "pnpm", "pnpm-lock.yaml", "needs what moves", pnpm, "\n  p%d@1.0.0:\n    dependencies:\n      app: 1.0.0\n"
    )
    packages = f"\n  p%d@1.%d.0:\n    resolution: {{integrity: sha512-{_DIGEST}==}}\n"
    start = ("\npackages:\n", "\npackages:\n")
    yield _inside("pnpm", "pnpm-lock.yaml", "usual", pnpm, packages, start)
    five = "\n  /p%d/1.0.0:\n    dependencies:\n      app: 1.0.0\n"
    yield _grown("pnpm-5", "pnpm-lock.yaml", "needs what moves", pnpm, five)
    yield _grown("pnpm", "pnpm-workspace.yaml", "members", bounds.CONFIGURATION, "k%d: a\n")


def _grown(kind: str, path: str, what: str, bound: Bounds, piece: str) -> Shape:
    """A sample project one file of which goes on with the pieces."""
    return _shape(kind, path, what, bound, piece, PROJECTS[kind][path], "")


def _inside(kind: str, path: str, what: str, bound: Bounds, piece: str, start: tuple[str, str], end: str = "") -> Shape:
    """A sample project one file of which has the pieces where `start` begins, which becomes the second of the two."""
    before, found, after = PROJECTS[kind][path].partition(start[0])
    if not found:
        raise ValueError(f"the sample {kind} has no {start[0]!r} in {path}")
    return _shape(kind, path, what, bound, piece, before + start[1], end + after)


def _shape(kind: str, path: str, what: str, bound: Bounds, piece: str, head: str, tail: str) -> Shape:
    others = {name: text.encode() for name, text in PROJECTS[kind].items()}

    def read(raw: bytes) -> object:
        return list(cycle({**others, path: raw}, of=(_PACKAGE,), most=1))

    pieces = (bounds.MOST_REQUIREMENTS if what in _OF_REQUIREMENTS else bounds.MOST_PACKAGES) - 10
    return Shape(f"all of {kind}", f"{path}: {what}", read, bound, piece, head, tail, pieces)
