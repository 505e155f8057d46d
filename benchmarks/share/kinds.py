"""A project for each kind of lockfile, the tool that wrote it, and the command that a person types for the same move.

One package that the manifest names with a range is locked at an old version; everything else is locked as it is now.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pypi_simple import PYPI_SIMPLE_ENDPOINT

from remediators.compiled.run import PIP_TOOLS
from remediators.pipenv.relock import PIPENV
from remediators.poetry import launch as poetry_launch

_OTHERS = {"flask": "3.0.0", "httpx": "0.27.0", "pydantic": "2.6.0", "pytest": "8.0.0", "requests": "2.31.0",
           "rich": "13.7.0", "sqlalchemy": "2.0.25"}  # fmt: skip
_NODE = {"eslint": "^7.32.0", "express": "^4.17.1"}


@dataclass(frozen=True, slots=True)
class Program:
    """A tool at one version, and what installs it: `uv` (a requirement), `npm` (a package), "" for one that is here."""

    package: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The package that moves, from where, and the requirement of it when it was locked and now."""

    package: str
    before: str
    first: str
    now: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of lockfile. `files` are those of the repository, lockfile last; the other is the manifest.

    `first` is the manifest when it was locked first, `now` as it is. `lock` makes the lockfile, which keeps what is
    locked; `bare` is the tool's own smallest move of the package. `note` says what the two ways do not share.
    """

    name: str
    remediator: str
    program: Program
    moved: Moved
    path: str
    first: str
    now: str
    lockfile: str
    lock: Sequence[str]
    bare: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    alone: bool = False
    """Whether the repository holds the lockfile only."""

    @property
    def files(self) -> tuple[str, ...]:
        """What the project's repository holds."""
        return (self.lockfile,) if self.alone else (self.path, self.lockfile)


_SQLPARSE = Moved("sqlparse", "0.4.4", "==0.4.4", ">=0.4.4")
_UNDERSCORE = Moved("underscore", "1.12.0", "1.12.0", "^1.12.0")
_UV, _NPM = Program(), Program()


def _python(version: str) -> Sequence[str]:
    return (*(f"{name}>={oldest}" for name, oldest in _OTHERS.items()), f"{_SQLPARSE.package}{version}")


def _standard(version: str) -> str:
    lines = "".join(f'    "{line}",\n' for line in _python(version))
    return f'[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11,<4"\ndependencies = [\n{lines}]\n'


def _listed(version: str) -> str:
    return "".join(f"{line}\n" for line in _python(version))


def _script(version: str) -> str:
    lines = "".join(f'#     "{line}",\n' for line in _python(version))
    return f'# /// script\n# requires-python = ">=3.11,<4"\n# dependencies = [\n{lines}# ]\n# ///\n'


def _pipfile(version: str) -> str:
    others = "".join(f'{name} = ">={oldest}"\n' for name, oldest in _OTHERS.items())
    return f'[packages]\n{others}{_SQLPARSE.package} = "{version}"\n'


def _node(version: str) -> str:
    names = {**_NODE, _UNDERSCORE.package: version}
    return json.dumps({"name": "app", "private": True, "dependencies": names}, indent=2) + "\n"


def _compiled(name: str, remediator: str, program: Program, command: Sequence[str], note: str = "") -> Kind:
    texts = (_listed(_SQLPARSE.first), _listed(_SQLPARSE.now))
    bare = (*command, "--upgrade-package", _SQLPARSE.package)
    return Kind(name, remediator, program, _SQLPARSE, "requirements.in", *texts, command[-1], command, bare, note=note)


def _of_pyproject(
    name: str, program: Program, lock: Sequence[str], bare: Sequence[str], environ: Mapping[str, str] | None = None
) -> Kind:
    texts = (_standard(_SQLPARSE.first), _standard(_SQLPARSE.now))
    remediator = lock[0]
    lockfile = f"{remediator}.lock"
    return Kind(
        name, remediator, program, _SQLPARSE, "pyproject.toml", *texts, lockfile, lock, bare, dict(environ or {})
    )


def _of_node(name: str, program: Program, lockfile: str, lock: Sequence[str], bare: Sequence[str], **more: str) -> Kind:
    texts = (_node(_UNDERSCORE.first), _node(_UNDERSCORE.now))
    remediator = name.partition(" ")[0]
    return Kind(name, remediator, program, _UNDERSCORE, "package.json", *texts, lockfile, lock, bare, more)


_UV_COMPILE = ("uv", "pip", "compile", "--quiet", "requirements.in", "--output-file")
_PIP_COMPILE = ("pip-compile", "--quiet", "--strip-extras", "requirements.in", "--output-file", "requirements.txt")
_FLAT = ("uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "requirements.in",
         "--output-file", "requirements.txt")  # fmt: skip
_FLAT_MOVE = (
    "sed -i 's/sqlparse==0.4.4/sqlparse==0.5.3/' requirements.txt"
    " && uv pip compile --quiet requirements.txt --output-file checked.txt"
)
_ONLY_LOCKED = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
_PNPM = ("--lockfile-only", "--ignore-scripts")
_CLASSIC = ("--ignore-scripts", "--non-interactive")
_PIPENV = {
    "PIPENV_IGNORE_VIRTUALENVS": "1",
    "PIPENV_NOSPIN": "1",
    "PIPENV_YES": "1",
}
_PDM = {"PDM_CHECK_UPDATE": "0", "PDM_USE_VENV": "0", "PDM_IGNORE_SAVED_PYTHON": "1", "PDM_NON_INTERACTIVE": "1"}
_BERRY = {"YARN_ENABLE_IMMUTABLE_INSTALLS": "0", "YARN_ENABLE_TELEMETRY": "0"}


def _pdm(version: str) -> Kind:
    bare = ("pdm", "update", "--no-sync", "--update-reuse", _SQLPARSE.package)
    program = Program(f"pdm[locked]=={version}", "uv")
    return _of_pyproject(f"pdm {version}", program, ("pdm", "lock", "--update-reuse"), bare, _PDM)


def _poetry() -> Kind:
    """Poetry is told the index as the bot tells it: not every mirror speaks the API that it asks by itself."""
    texts = (_standard(_SQLPARSE.first), _standard(_SQLPARSE.now))
    told = ("python", "-I", "-c", inspect.getsource(poetry_launch), "", PYPI_SIMPLE_ENDPOINT)
    commands = ((*told, "lock"), (*told, "update", "--lock", _SQLPARSE.package))
    program = Program("poetry==2.2.1", "uv")
    return Kind("poetry", "poetry", program, _SQLPARSE, "pyproject.toml", *texts, "poetry.lock", *commands)


def _yarn(name: str, package: str) -> Kind:
    up = ("yarn", "up", "-R", _UNDERSCORE.package, "--mode=update-lockfile")
    return _of_node(
        name, Program(package, "npm"), "yarn.lock", ("yarn", "install", "--mode=update-lockfile"), up, **_BERRY
    )


def _pnpm(version: str) -> Kind:
    lock = ("pnpm", "install", "--no-frozen-lockfile", *_PNPM)
    bare = ("pnpm", "update", _UNDERSCORE.package, *_PNPM)
    return _of_node(f"pnpm {version}", Program(f"pnpm@{version}", "npm"), "pnpm-lock.yaml", lock, bare)


KINDS = (
    _of_pyproject("uv", _UV, ("uv", "lock"), ("uv", "lock", "--upgrade-package", _SQLPARSE.package)),
    Kind(
        "script lock",
        "script",
        _UV,
        _SQLPARSE,
        "app.py",
        _script(_SQLPARSE.first),
        _script(_SQLPARSE.now),
        "app.py.lock",
        ("uv", "lock", "--script", "app.py"),
        ("uv", "lock", "--script", "app.py", "--upgrade-package", _SQLPARSE.package),
    ),
    _compiled("uv pip compile", "requirements", _UV, (*_UV_COMPILE, "requirements.txt")),
    _compiled("pylock", "pylock", _UV, (*_UV_COMPILE, "pylock.toml")),
    Kind(
        "requirements",
        "requirements",
        _UV,
        _SQLPARSE,
        "requirements.in",
        _listed(_SQLPARSE.first),
        _listed(_SQLPARSE.first),
        "requirements.txt",
        _FLAT,
        ("sh", "-c", _FLAT_MOVE),
        note="no tool moves a pin: it is edited, and uv asked whether the file installs",
        alone=True,
    ),
    _compiled("pip-compile", "requirements", Program(PIP_TOOLS, "uv"), _PIP_COMPILE),
    _poetry(),
    _pdm("2.12.4"),
    _pdm("2.29.3"),
    Kind(
        "pipenv",
        "pipenv",
        Program(PIPENV, "uv"),
        _SQLPARSE,
        "Pipfile",
        _pipfile("==0.4.4"),
        _pipfile("==0.4.4"),
        "Pipfile.lock",
        ("pipenv", "lock"),
        ("sh", "-c", "sed -i 's/==0.4.4/==0.5.3/' Pipfile && pipenv lock"),
        _PIPENV,
        note="`pipenv upgrade --lock-only` leaves what the Pipfile pins: the pin is edited, and all is locked anew",
    ),
    _of_node(
        "npm",
        _NPM,
        "package-lock.json",
        ("npm", "install", *_ONLY_LOCKED),
        ("npm", "update", _UNDERSCORE.package, *_ONLY_LOCKED),
    ),
    _of_node(
        "yarn classic",
        Program("yarn@1.22.22", "npm"),
        "yarn.lock",
        ("yarn", "install", *_CLASSIC),
        ("yarn", "upgrade", _UNDERSCORE.package, *_CLASSIC),
    ),
    _yarn("yarn berry 3", "@yarnpkg/cli-dist@3.8.7"),
    _yarn("yarn berry 4", "@yarnpkg/cli-dist@4.13.0"),
    _pnpm("8"),
    _pnpm("10"),
)
