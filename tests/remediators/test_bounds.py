"""Files at their limits are read in a moment, files beyond them are refused with size, limit and remedy."""

import json
import time
from collections.abc import Callable

import pytest

from remediators import bounds
from remediators.bounds import Bounds
from remediators.documents import json_spans, yaml_edits, yaml_spans
from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import read_toml
from remediators.errors import ManifestError
from remediators.npm import lock as npm_lock
from remediators.npm.config import npm_config
from remediators.npm.manifest import manifest
from remediators.pdm import lock as pdm_lock
from remediators.pipenv.files import asked_for
from remediators.pnpm import lock as pnpm_lock
from remediators.poetry import lock as poetry_lock
from remediators.poetry.manifest import own_requirements
from remediators.python.pyproject_requirements import named_requirements
from remediators.requirements.file import read_file
from remediators.setuptools.setup_cfg import read_setup_cfg
from remediators.setuptools.setup_py import read_setup_py
from remediators.uv import lock as uv_lock
from remediators.yarn import lock as yarn_lock

# Alone on a machine they take less than one; tests share theirs.
SECONDS = 5.0
ALL = [(name, value) for name, value in vars(bounds).items() if isinstance(value, Bounds)]


def of_pdm(needs: int) -> bytes:
    listed = ",".join(f'"p{number}>=1"' for number in range(needs))
    return (
        f'[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "a"\nversion = "1"\ndependencies = [{listed}]\n'
    ).encode()


def of_pnpm(packages: int) -> bytes:
    return b"lockfileVersion: '9.0'\nsnapshots:\n" + b"".join(b"  a@1.%d.0:\n" % n for n in range(packages))


@pytest.mark.parametrize("bound", [pytest.param(value, id=name) for name, value in ALL])
def test_more_than_the_bound_is_refused(bound: Bounds) -> None:
    mark = bytes([bound.marks[-1]])
    bound.check("file", mark * min(bound.most, bound.largest))
    with pytest.raises(ManifestError, match=rf"file has {bound.largest + 1:,} bytes, and at most {bound.largest:,}"):
        bound.check("file", b"x" * (bound.largest + 1))
    if bound.most < bound.largest:
        with pytest.raises(ManifestError, match=rf"has {bound.most + 1:,} lines, .* most {bound.most:,} are"):
            bound.check("file", mark * (bound.most + 1))


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        pytest.param(lambda raw: read_toml("x", raw), b"[[a]]\n" * 66_000, id="tables"),
        pytest.param(lambda raw: read_toml("x", raw).spans(), b"a=[" + b'"",' * 199_000 + b"]", id="strings"),
        pytest.param(lambda raw: uv_lock.read_lock("x", raw), b"version = 1\n[[package]]\n", id="a uv.lock of nothing"),
        pytest.param(
            lambda raw: poetry_lock.read_lock("x", raw),
            b"[metadata]\n" + b"".join(b'[[package]]\nname="p%d"\nversion="%d"\n' % (n, n) for n in range(28_000)),
            id="a poetry.lock of many packages",
        ),
        pytest.param(lambda raw: pdm_lock.read_lock("x", raw), of_pdm(30_000), id="a pdm.lock of many dependencies"),
        pytest.param(
            lambda raw: asked_for(read_toml("x", raw)),
            b"[packages]\n" + b"".join(b'p%d=">=1"\n' % n for n in range(3_000)),
            id="a Pipfile of many packages",
        ),
        pytest.param(
            lambda raw: npm_lock.lock(json_spans.read(raw, "x")).lines(),
            b'{"packages":{'
            + b",".join(b'"node_modules/p%d":{"version":"1.%d.0"}' % (n, n) for n in range(29_999))
            + b"}}",
            id="a package-lock.json of many packages",
        ),
        pytest.param(
            lambda raw: manifest(json_spans.read(raw, "x")),
            b'{"dependencies":{' + b",".join(b'"p%d":"^1.%d.0"' % (n, n) for n in range(3_000)) + b"}}",
            id="a package.json of many lines",
        ),
        pytest.param(
            lambda raw: yarn_lock.lock(raw, "x"), b"".join(b"a@%d:\n" % n for n in range(30_000)), id="a yarn.lock"
        ),
        pytest.param(lambda raw: pnpm_lock.lock(yaml_spans.read(raw, "x", 2)), of_pnpm(30_000), id="a pnpm-lock.yaml"),
        pytest.param(
            lambda raw: read_file("x", raw),
            b"".join(b"p%d>=1;os_name=='nt'\n" % n for n in range(4_000)),
            id="a requirements file",
        ),
        pytest.param(npm_config, b"a=" + b" " * 260_000 + b"'", id="a .npmrc of spaces"),
        pytest.param(lambda raw: read_setup_py("x", raw), b"a\n" * 65_000, id="a setup.py of statements"),
    ],
)
def test_the_dearest_file_within_the_bounds_is_done_with_soon(read: Callable[[bytes], object], raw: bytes) -> None:
    begun = time.process_time()
    try:
        read(raw)
    except ManifestError as error:
        assert "at most" not in str(error)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    ("read", "raw", "message"),
    [
        pytest.param(
            lambda raw: pdm_lock.read_lock("x", raw), of_pdm(30_001), "x has 30,001 dependencies", id="pdm.lock"
        ),
        pytest.param(
            lambda raw: pnpm_lock.lock(yaml_spans.read(raw, "x", 2)),
            of_pnpm(30_001),
            "x holds 30,001 packages",
            id="pnpm",
        ),
        pytest.param(
            lambda raw: npm_lock.lock(json_spans.read(raw, "x")),
            b'{"packages":{' + b",".join(b'"node_modules/p%d":{}' % n for n in range(30_001)) + b"}}",
            "x holds 30,001 packages",
            id="npm",
        ),
        pytest.param(
            lambda raw: yarn_lock.lock(raw, "x"),
            b"".join(b"a@%d:\n" % n for n in range(30_001)),
            "x holds 30,001 packages",
            id="yarn",
        ),
        pytest.param(
            lambda raw: manifest(json_spans.read(raw, "x")),
            b'{"dependencies":{' + b",".join(b'"p%d":"^1"' % n for n in range(3_001)) + b"}}",
            "x names 3,001 requirements",
            id="package.json",
        ),
        pytest.param(
            lambda raw: asked_for(read_toml("x", raw)),
            b"[packages]\n" + b"".join(b'p%d=">=1"\n' % n for n in range(3_001)),
            "x names 3,001 requirements",
            id="Pipfile",
        ),
        pytest.param(
            lambda raw: named_requirements(read_toml("x", raw)),
            b"[project]\ndependencies = [" + b'"p",' * 3_001 + b"]",
            "x names 3,001 requirements",
            id="pyproject.toml",
        ),
        pytest.param(
            lambda raw: own_requirements(read_toml("x", raw)),
            b"[tool.poetry.dependencies]\n" + b"".join(b'p%d="1"\n' % n for n in range(3_001)),
            "x names 3,001 requirements",
            id="poetry's table",
        ),
        pytest.param(
            lambda raw: read_setup_cfg("x", raw),
            b"[options]\ninstall_requires =\n" + b"  p\n" * 3_001,
            "x names 3,001 requirements",
            id="setup.cfg",
        ),
        pytest.param(
            lambda raw: read_setup_py("x", raw),
            b"setup(install_requires=[" + b"'p'," * 3_001 + b"])",
            "x names 3,001 requirements",
            id="setup.py",
        ),
        pytest.param(lambda raw: read_file("x", raw), b"p\n" * 4_001, "x has 4,001 lines of 4,001", id="many lines"),
        pytest.param(lambda raw: read_file("x", raw), b"p" * 500_001, "x has 1 lines of 500,001", id="a long line"),
    ],
)
def test_what_costs_more_than_its_bytes_is_counted(read: Callable[[bytes], object], raw: bytes, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read(raw)


def test_comments_and_hashes_are_no_requirements() -> None:
    raw = b"".join(b"p%d==1 \\\n    --hash=sha256:00\n    # via app\n" % n for n in range(4_000))
    assert len(read_file("x", raw)) == 4_000


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            lambda paths: json_spans.replaced(
                json_spans.read(json.dumps({"packages": dict.fromkeys(paths, "a")}).encode(), "x"),
                {("packages", one): "b" for one in paths},
            ),
            id="json",
        ),
        pytest.param(
            lambda paths: yaml_edits.replaced(
                yaml_spans.read(("packages:\n" + "".join(f"  {one}: a\n" for one in paths)).encode(), "x"),
                {("packages", one): "b" for one in paths},
            ),
            id="yaml",
        ),
        pytest.param(
            lambda paths: read_toml(
                "x", ("[packages]\n" + "".join(f'{one} = "a"\n' for one in paths)).encode()
            ).spliced({("packages", one): Edit(0, 1, "b") for one in paths}),
            id="toml",
        ),
    ],
)
def test_many_edits_take_no_more_than_one_copy(edit: Callable[[list[str]], bytes]) -> None:
    begun = time.process_time()
    edited = edit([f"p{number}" for number in range(40_000)])
    assert edited.count(b"b") == 40_000
    assert time.process_time() - begun < SECONDS


def test_the_same_lockfile_is_read_once() -> None:
    raw = b"version = 1\n"
    once = uv_lock.read_lock("uv.lock", raw)
    assert uv_lock.read_lock("uv.lock", bytes(bytearray(raw))) is once
    assert uv_lock.read_lock("uv.lock", raw + b'requires-python = ">=3.9"\n').requires_python == ">=3.9"
