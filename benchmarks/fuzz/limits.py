"""The dearest that readers take: `python -m benchmarks.fuzz.limits` prints the table of docs/security.md."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fuzz import answer_shapes, cycle_shapes
from benchmarks.fuzz.shape import Shape
from remediators import bounds
from remediators.bounds import Bounds
from remediators.documents import json_spans, yaml_spans
from remediators.documents.toml_document import read_toml
from remediators.npm import lock as npm_lock
from remediators.npm.manifest import manifest
from remediators.pdm import lock as pdm_lock
from remediators.pipenv.files import asked_for, locked
from remediators.pnpm import lock as pnpm_lock
from remediators.poetry import lock as poetry_lock
from remediators.python.pyproject_requirements import named_requirements
from remediators.requirements.file import read_file
from remediators.scripts.block import read_block
from remediators.setuptools.setup_cfg import read_setup_cfg
from remediators.setuptools.setup_py import read_setup_py
from remediators.uv import lock as uv_lock
from remediators.yarn import lock as yarn_lock

_SHA = "a" * 64
_WHEEL = f'{{ url = "https://registry.example/{"f" * 80}-py3-none-any.whl", hash = "sha256:{_SHA}", size = 12345 }}'
_DIGEST = "A" * 86
_MOST = bounds.MOST_PACKAGES - 10


def _of_files() -> Iterator[Shape]:
    """A usual one of each lockfile, and the dearest that are known."""
    few, many = bounds.MOST_REQUIREMENTS - 10, _MOST
    toml, yarn, pnpm = bounds.TOML_LOCKFILE, bounds.YARN_LOCKFILE, bounds.YAML_LOCKFILE
    entry = '\n[[package]]\nname = "p%d"\nversion = "1.%d.0"\n'
    uv = entry + 'source = { registry = "https://registry.example" }\nwheels = [\n' + f"    {_WHEEL},\n" * 8 + "]\n"
    poetry = entry + "files = [\n" + f'    {{file = "p-%d.whl", hash = "sha256:{_SHA}"}},\n' * 8 + "]\n"
    yield Shape("uv.lock", "usual", lambda raw: uv_lock.read_lock("x", raw), toml, uv, "version = 1\n")
    yield Shape("poetry.lock", "usual", lambda raw: poetry_lock.read_lock("x", raw), toml, poetry, "[metadata]\n")
    yield Shape("pdm.lock", "usual", lambda raw: pdm_lock.read_lock("x", raw), toml, poetry, _PDM)
    yield Shape("any TOML lockfile", "headers only", lambda raw: read_toml("x", raw), toml, "[t%d]\n")
    yield Shape(
        "any TOML lockfile", "places of strings", lambda raw: read_toml("x", raw).spans(), toml, '"",', "a=[", "]"
    )
    named, written = (lambda raw: named_requirements(read_toml("x", raw, bounds.TOML_MANIFEST))), bounds.TOML_MANIFEST
    yield Shape("pyproject.toml", "requirements", named, written, '"p%d>=1",', "[project]\ndependencies=[", "]", few)
    yield Shape(
        "Pipfile",
        "requirements",
        lambda raw: asked_for(read_toml("x", raw)),
        written,
        'p%d=">=1"\n',
        "[packages]\n",
        "",
        few,
    )
    yield Shape("script block", "long script", lambda raw: read_block("x", raw), bounds.SCRIPT, "a%d\n", _BLOCK)
    package = f'"node_modules/p%d":{{"version":"1.%d.0","resolved":"https://registry.example/p-1.tgz","integrity":"{_DIGEST}",'
    package += '"dependencies":{"a":"^1","b":"^2"},"engines":{"node":">=18"}},'
    yield Shape("package-lock.json", "usual", _npm, bounds.JSON_LOCKFILE, package, '{"packages":{', '"":{}}}')
    small = '"node_modules/p%d":{"version":"1.%d.0"},'
    yield Shape(
        "package-lock.json", "versions only", _npm, bounds.JSON_LOCKFILE, small, '{"packages":{', '"":{}}}', many
    )
    tree = '"p%d":{"version":"1.%d.0"},'
    yield Shape("package-lock.json", "a tree", _npm, bounds.JSON_LOCKFILE, tree, '{"dependencies":{', '"x":{}}}', many)
    pinned = f'"p%d":{{"hashes":["sha256:{_SHA}","sha256:{_SHA}"],"version":"==1.%d"}},'
    yield Shape("Pipfile.lock", "usual", _pipenv, bounds.JSON_LOCKFILE, pinned, '{"_meta":{},"default":{', '"x":{}}}')
    asked = '"p%d":"^1.%d.0",'
    yield Shape(
        "package.json", "requirements", _node, bounds.JSON_MANIFEST, asked, '{"dependencies":{', '"x":"1"}}', few
    )
    yield from _of_yarn(yarn)
    resolution = f"    resolution: {{integrity: sha512-{_DIGEST}==}}\n"
    described = f"  /p@1.%d.0:\n{resolution}    dependencies:\n      a: 1.0.0\n      b: 1.0.0\n\n"
    head = "lockfileVersion: '6.0'\npackages:\n"
    yield Shape("pnpm-lock.yaml", "usual", _pnpm, pnpm, described, head)
    yield Shape("pnpm-lock.yaml", "members only", lambda raw: yaml_spans.read(raw, "x", 2), pnpm, "k%d:\n")
    lines = Bounds(bounds.REQUIREMENTS.largest, 3_990, b"\n")
    yield Shape(
        "requirements file", "with markers", lambda raw: read_file("x", raw), lines, "p%d>=1,<2;os_name=='nt'\n"
    )
    hashed = Bounds(bounds.REQUIREMENTS.largest, bounds.REQUIREMENTS.most, b"\n")
    yield Shape("requirements file", "hashes", lambda raw: read_file("x", raw), hashed, " \\\n --hash=a:0", "p==1")
    statements = "[options]\ninstall_requires =\n"
    yield Shape(
        "setup.cfg",
        "requirements",
        lambda raw: read_setup_cfg("x", raw),
        bounds.SETUP_CFG,
        "  p%d>=1\n",
        statements,
        "",
        few,
    )
    yield Shape("setup.py", "statements", lambda raw: read_setup_py("x", raw), bounds.SETUP_PY, "a\n")


_PDM = '[metadata]\nlock_version = "4.5.0"\n'
_BLOCK = "# /// script\n# ///\n"


def _of_yarn(bound: Bounds) -> Iterator[Shape]:
    fields = '  resolved "https://registry.example/p-1.tgz"\n  dependencies:\n    a "^1"\n    b "^2"\n\n'
    classic = f'p%d@^1, p%d@~1:\n  version "1.%d.0"\n{fields}'
    berry = '"p%d@npm:^1":\n  version: 1.%d.0\n  resolution: "p%d@npm:1.%d.0"\n  dependencies:\n    a: "npm:^1"\n\n'
    yield Shape("yarn.lock", "classic, usual", _yarn, bound, classic, "# yarn lockfile v1\n\n")
    yield Shape("yarn.lock", "classic, headers only", _yarn, bound, "a@%d:\n", "# yarn lockfile v1\n\n", "", _MOST)
    yield Shape("yarn.lock", "berry, usual", _yarn, bound, berry, "__metadata:\n  version: 8\n\n")


def _npm(raw: bytes) -> object:
    return npm_lock.lock(json_spans.read(raw, "x")).lines()


def _node(raw: bytes) -> object:
    return manifest(json_spans.read(raw, "x"))


def _pipenv(raw: bytes) -> object:
    return locked(json_spans.read(raw, "x"))


def _pnpm(raw: bytes) -> object:
    return pnpm_lock.lock(yaml_spans.read(raw, "x", 2))


def _yarn(raw: bytes) -> object:
    return yarn_lock.lock(raw, "x")


def shapes() -> Iterator[Shape]:
    """Every file, all that is done to a project, and every answer."""
    yield from _of_files()
    yield from cycle_shapes.shapes()
    yield from answer_shapes.shapes()


def main() -> int:
    """Print the table, or only what has the first argument in its name; 1 when anything took a second or 200 MB."""
    print("| What | Of which shape | Size at the limit | Time | Memory |\n|---|---|---|---|---|")
    worst = (0.0, 0)
    for shape in shapes():
        if not all(word in shape.kind for word in sys.argv[1:2]):
            continue
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            size, seconds, megabytes = alone.apply(_measured, (shape.kind, shape.what))
        print(f"| {shape.kind} | {shape.what} | {size / 2**20:.1f} MB | {seconds:.2f} s | {megabytes} MB |", flush=True)
        worst = max(worst[0], seconds), max(worst[1], megabytes)
    return int(worst[0] >= 1 or worst[1] >= 200)


def _measured(kind: str, what: str) -> tuple[int, float, int]:
    """Bytes, the processor's seconds, and megabytes on top of what the process held before."""
    shape = next(each for each in shapes() if (each.kind, each.what) == (kind, what))
    raw = shape.raw()
    # From here on the kernel notes the most that is held anew.
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, begun = _held("VmRSS"), time.process_time()
    shape.read(raw)
    return len(raw), time.process_time() - begun, _held("VmHWM") - before


def _held(what: str) -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition(f"{what}:")[2].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
