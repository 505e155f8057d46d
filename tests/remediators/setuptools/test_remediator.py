"""setup.cfg is read and edited by place; setup.py is read from its syntax, and nothing of it ever runs."""

from collections.abc import Mapping

import pytest

from remediators.api import Parsed, Remediator, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError
from remediators.setuptools.remediator import Setuptools
from state.model import Scope

REMEDIATOR: Remediator = Setuptools()
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)
CFG = """\
[metadata]
name = demo

[options]
python_requires = >=3.9
install_requires =
    # the framework
    Flask==2.0.1
    requests[socks]>=2 ; python_version >= "3.8"
setup_requires = wheel
tests_require = pytest~=7.0

[options.extras_require]
docs = sphinx==4.0
redis =
\tredis<4
"""
PY = """\
from setuptools import setup
open("it-ran", "w")
NEEDS = ["Flask==2.0.1"]
setup(
    name="demo",
    python_requires=">=3.9",
    install_requires=NEEDS,
    extras_require={"redis": ["redis<4"], "test": ("pytest~=7.0",)},
)
"""


def unit(path: str) -> Unit:
    return Unit("setuptools", path, None, (path,))


def parsed(path: str, text: str) -> Parsed:
    files: Mapping[str, bytes] = {path: text.encode()}
    return REMEDIATOR.parse(unit(path), files.get)


def read(path: str, text: str) -> list[tuple[str, str, str | None, Scope, int]]:
    return [(d.package, d.requirement, d.version, d.scope, d.line) for d in parsed(path, text).dependencies]


def test_both_files_are_units() -> None:
    paths = ("setup.py", "a/setup.cfg", "vendor/setup.py", "tox.ini")
    assert REMEDIATOR.units(paths) == (unit("a/setup.cfg"), unit("setup.py"))


def test_what_a_setup_cfg_names() -> None:
    assert read("setup.cfg", CFG) == [
        ("flask", "==2.0.1", "2.0.1", Scope.RUNTIME, 8),
        ("requests", ">=2", None, Scope.RUNTIME, 9),
        ("pytest", "~=7.0", None, Scope.DEV, 11),
        ("sphinx", "==4.0", "4.0", Scope.DEV, 14),
        ("redis", "<4", None, Scope.OPTIONAL, 16),
    ]
    assert {d.platform for d in parsed("setup.cfg", CFG).dependencies} == {">=3.9"}


def test_what_a_setup_py_names_literally() -> None:
    assert read("setup.py", PY) == [
        ("flask", "==2.0.1", "2.0.1", Scope.RUNTIME, 3),
        ("redis", "<4", None, Scope.OPTIONAL, 8),
        ("pytest", "~=7.0", None, Scope.DEV, 8),
    ]
    (note,) = parsed("setup.py", PY).problems
    assert "change its requirements by hand" in note.reason


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("install_requires=open('x').read().split()", id="a call"),
        pytest.param("install_requires=['a' + 'b']", id="a sum"),
        pytest.param("install_requires=NOWHERE", id="a name from elsewhere"),
        pytest.param("install_requires=[*MORE]", id="more of them"),
        pytest.param("extras_require=extras()", id="computed extras"),
        pytest.param("install_requires=[f'a=={1}']", id="a formatted string"),
        pytest.param("install_requires=[1]", id="a number"),
    ],
)
def test_what_is_computed_is_said(arguments: str) -> None:
    found = parsed("setup.py", f"import setuptools\nsetuptools.setup({arguments})\n")
    assert not found.dependencies
    (problem,) = found.problems
    assert "line 2 of setup.py" in problem.reason
    assert "computed" in problem.reason
    assert not problem.fault


def test_a_setup_py_that_only_running_it_would_explain_is_said() -> None:
    found = parsed("setup.py", "from ours import build\nbuild()\n")
    (problem,) = found.problems
    assert problem.reason == (
        "setup.py never calls setup, and is not run to see what it does: write its requirements in pyproject.toml"
    )
    assert not problem.fault
    assert parsed("setup.py", "import setuptools\nsetuptools.setup()\n").problems == ()


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        pytest.param("setup.py", "setup(", "cannot be read as Python", id="no Python"),
        pytest.param("setup.py", "a = " + "(" * 50_000, "cannot be read as Python", id="deep"),
        pytest.param("setup.py", "a = " + "-" * 50_000 + "1", "cannot be read as Python", id="deep without brackets"),
        pytest.param("setup.py", "a\0b", "cannot be read as Python", id="a null"),
        pytest.param("setup.py", "#" * (2**17 + 1), "at most 131,072 of such a file are read", id="huge"),
        pytest.param("setup.cfg", "install_requires = a", "cannot be read", id="no section"),
        pytest.param("setup.cfg", "[options]\nx = 1\nx = 2\n", "cannot be read", id="a key twice"),
        pytest.param("setup.cfg", "[a]\n[a]\n", "cannot be read", id="a section twice"),
    ],
)
def test_what_cannot_be_read_is_refused(path: str, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(path, text)


@pytest.mark.parametrize(
    ("text", "reason", "fault"),
    [
        pytest.param("a==1; import os", "not a valid requirement", True, id="broken"),
        pytest.param("a @ https://registry.example/a.whl", "a URL requirement", False, id="a URL"),
        pytest.param("file: requirements.txt", "is not followed", False, id="a file"),
    ],
)
def test_a_line_that_is_not_handled_is_said(text: str, reason: str, fault: bool) -> None:
    (problem,) = parsed("setup.cfg", f"[options]\ninstall_requires =\n  {text}\n  six\n").problems
    assert problem.reason.startswith("line 3 of setup.cfg: ")
    assert reason in problem.reason
    assert problem.fault is fault


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Flask==2.0.1", "Flask==2.3.2", id="a pin"),
        pytest.param(
            "flask [async] >= 1.0 ; python_version>'3'", "flask [async] >= 2.3.2 ; python_version>'3'", id="all"
        ),
        pytest.param("flask", "flask>=2.3.2", id="bare"),
        pytest.param("flask<2.1", "flask<2.4,>=2.3.2", id="a ceiling"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
def test_only_the_specifier_is_rewritten(before: str, after: str, end: str, mark: str) -> None:
    text = (
        mark
        + "; für\n[options]\nINSTALL_REQUIRES :\n\n\t# flask==2.0.1\n\t{}  \n  six==2.0.1\n[x]\na=flask==2.0.1".replace(
            "\n", end
        )
    )
    raw = text.format(before).encode()
    assert REMEDIATOR.edit(unit("setup.cfg"), {"setup.cfg": raw}, [FLASK])["setup.cfg"] == text.format(after).encode()


def test_a_value_beside_its_key_is_edited_as_well() -> None:
    raw = b"[options]\ninstall_requires = flask==2.0.1\n"
    assert REMEDIATOR.edit(unit("setup.cfg"), {"setup.cfg": raw}, [FLASK]) == {
        "setup.cfg": b"[options]\ninstall_requires = flask==2.3.2\n"
    }


@pytest.mark.parametrize(
    ("path", "text", "upgrade", "error", "message"),
    [
        pytest.param("setup.py", PY, FLASK, ManifestError, "never edited: move flask to 2.3.2 by hand", id="setup.py"),
        pytest.param("setup.cfg", "[options]\n", FLASK, ManifestError, "has no requirement of flask", id="absent"),
        pytest.param(
            "setup.cfg",
            CFG,
            Upgrade("flask", "2.0.1", "2.3.2", direct=True, override=True),
            BlockedError,
            "no overrides",
            id="an override",
        ),
    ],
)
def test_what_cannot_be_moved_is_refused(
    path: str, text: str, upgrade: Upgrade, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        REMEDIATOR.edit(unit(path), {path: text.encode()}, [upgrade])
