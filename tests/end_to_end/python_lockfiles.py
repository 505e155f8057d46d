"""The lockfiles of Python's tools, each with a project."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from remediators.compiled.run import PIP_TOOLS
from remediators.pipenv.relock import PIPENV
from tests.end_to_end.lockfiles import Kind, Pair, Place

PYTHON = Pair("PyPI", ("sqlparse", "0.4.4", "0.5.0"), ("idna", "3.6", "3.15"), ("email-validator", "2.2.0"))
OLD_IDNA = "==".join(PYTHON.transitive[:2])
PIP_COMPILE = ("pip-compile", "--quiet", "--strip-extras", "--output-file=requirements.txt", "requirements.in")


def _pins(*old: str) -> Sequence[str]:
    return tuple("==".join(each) for each in (PYTHON.direct[:2], PYTHON.parent)) + old


def _standard(*old: str) -> str:
    lines = "".join(f'    "{pin}",  # why\n' for pin in _pins(*old))
    head = '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11,<4"\n'
    return f"{head}dependencies = [\n{lines}]\n"


def _poetry(*old: str) -> str:
    lines = "".join('{} = "{}"  # why\n'.format(*pin.split("==")) for pin in _pins(*old))
    head = '[tool.poetry]\nname = "app"\nversion = "1.0"\ndescription = ""\nauthors = []\n'
    return f'{head}\n[tool.poetry.dependencies]\npython = "^3.11"\n{lines}'


def _pipfile(*old: str) -> str:
    return "[packages]\n" + "".join('{} = "=={}"  # why\n'.format(*pin.split("==")) for pin in _pins(*old))


def _listed(*old: str) -> str:
    return "".join(f"{pin}  # why\n" for pin in _pins(*old))


def _upgrading(direct: str, transitive: str) -> Sequence[str]:
    pins = (f"{PYTHON.direct[0]}=={direct}", f"{PYTHON.transitive[0]}=={transitive}")
    return tuple(part for pin in pins for part in ("--upgrade-package", pin))


def _uv_compile(
    output: str, source: str = "requirements.in"
) -> tuple[Callable[[Place], None], Callable[[Place, str, str], None]]:
    command = ("pip", "compile", "--quiet", source, "--output-file", output)
    return (lambda place: place.uv(*command)), (lambda place, *to: place.uv(*command, *_upgrading(*to)))


def _lock_pipfile(place: Place) -> None:
    """pipenv does not move a transitive package, so its entry is taken from the lockfile that was there before."""
    lockfile = place.folder / "Pipfile.lock"
    before = json.loads(lockfile.read_text()) if lockfile.exists() else None
    place.tool(PIPENV, "pipenv", "lock")
    if before is not None:
        name, lock = PYTHON.transitive[0], json.loads(lockfile.read_text())
        lock["default"][name] = {key: value for key, value in before["default"][name].items() if key != "index"}
        place.write({"Pipfile.lock": json.dumps(lock, indent=4, sort_keys=True) + "\n"})


def _own_poetry(place: Place, direct: str, transitive: str) -> None:
    place.poetry("update", "--lock", PYTHON.direct[0], PYTHON.transitive[0])


def _own_pdm(place: Place, direct: str, transitive: str) -> None:
    # pdm updates what pyproject.toml names; the hash of its content is one line either way.
    place.write({"pyproject.toml": _standard(f"{PYTHON.transitive[0]}=={transitive}").replace("0.4.4", direct)})
    place.pdm("update", "--no-sync", "--update-reuse", PYTHON.direct[0], PYTHON.transitive[0])


def _uv_own(place: Place, *to: str) -> None:
    place.uv("lock", *_upgrading(*to))


def _pip_compile(place: Place, *more: str) -> None:
    place.tool(PIP_TOOLS, *PIP_COMPILE, *more)


def _kept(place: Place) -> None:
    """A list of pins has no tool."""


def _by_hand(place: Place, direct: str, transitive: str) -> None:
    text = (place.folder / "requirements.txt").read_text()
    place.write({"requirements.txt": text.replace(PYTHON.direct[1], direct).replace(PYTHON.transitive[1], transitive)})


_UV, _UV_PYLOCK = _uv_compile("requirements.txt"), _uv_compile("pylock.toml")
_LISTED = (PYTHON, "requirements.in", _listed(), _listed(OLD_IDNA))
_STANDARD = (PYTHON, "pyproject.toml", _standard(), _standard(OLD_IDNA))

KINDS = (
    Kind("uv.lock", *_STANDARD, "uv.lock", lambda place: place.uv("lock"), _uv_own),
    Kind(
        "poetry.lock",
        PYTHON,
        "pyproject.toml",
        _poetry(),
        _poetry(OLD_IDNA),
        "poetry.lock",
        lambda place: place.poetry("lock"),
        _own_poetry,
    ),
    Kind("pdm.lock", *_STANDARD, "pdm.lock", lambda place: place.pdm("lock", "--update-reuse"), _own_pdm),
    Kind(
        "Pipfile.lock",
        PYTHON,
        "Pipfile",
        _pipfile(),
        _pipfile(OLD_IDNA),
        "Pipfile.lock",
        _lock_pipfile,
        lambda place, *_: place.tool(PIPENV, "pipenv", "lock"),
    ),
    Kind("pylock.toml", *_LISTED, "pylock.toml", *_UV_PYLOCK),
    Kind(
        "pip-compile",
        *_LISTED,
        "requirements.txt",
        _pip_compile,
        lambda place, *to: _pip_compile(place, *_upgrading(*to)),
    ),
    Kind("uv pip compile", *_LISTED, "requirements.txt", *_UV),
    Kind(
        "uv pip compile of pyproject.toml",
        *_STANDARD,
        "requirements.txt",
        *_uv_compile("requirements.txt", "pyproject.toml"),
    ),
    Kind("requirements", PYTHON, "requirements.txt", *(_listed(OLD_IDNA),) * 2, "requirements.txt", _kept, _by_hand),
)
