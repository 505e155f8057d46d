"""Who holds a package back, by the words of uv (recorded from uv 0.13) and by its lock."""

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.uv.blocked import explained
from remediators.uv.lock import read_lock

LOCK = """\
version = 1
[manifest]
members = ["a", "demo"]
[[package]]
name = "a"
version = "1"
source = { editable = "libs/a" }
dependencies = [{ name = "jinja2" }]
[package.metadata]
requires-dist = [{ name = "jinja2", specifier = "<3.1" }]
[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "requests" }]
[[package]]
name = "jinja2"
version = "3.0.3"
source = { registry = "https://registry.example/simple" }
[[package]]
name = "moto-core"
version = "4.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "urllib3" }]
[[package]]
name = "requests"
version = "2.25.1"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "urllib3" }, { name = "moto-core" }]
[[package]]
name = "urllib3"
version = "1.26.5"
source = { registry = "https://registry.example/simple" }
"""
JINJA = Upgrade("Jinja2", "3.0.3", "3.1.6", direct=True)
URLLIB3 = Upgrade("urllib3", "1.26.5", "2.2.2", direct=False)


def said(words: str, *upgrades: Upgrade) -> BlockedError | ToolError:
    stderr = f"Using CPython 3.11.7\nerror: No solution found when resolving dependencies\n  cause: {words}\n"
    lock = read_lock("app/uv.lock", LOCK.encode())
    return explained("app/pyproject.toml", "app/uv.lock", lock, upgrades, ToolError("uv failed", stderr))


@pytest.mark.parametrize(
    ("words", "upgrade", "expected"),
    [
        pytest.param(
            "Because requests==2.25.1 depends on urllib3>=1.21.1,<1.27 and urllib3==2.2.2, we can conclude that "
            "requests==2.25.1 cannot be used.\n   And because demo depends on requests==2.25.1 and your workspace "
            "requires demo, we can conclude that your workspace's requirements are unsatisfiable.",
            URLLIB3,
            [Requirer("requests", "2.25.1", ">=1.21.1,<1.27", direct=True)],
            id="a package",
        ),
        pytest.param(
            "Because Moto.Core[x]{sys_platform == 'win32'}>=4,<5 depends on urllib3<2, we can conclude",
            URLLIB3,
            [Requirer("moto-core", "4.0", "<2", direct=False)],
            id="a range of releases, with extra and marker",
        ),
        pytest.param(
            "Because a depends on jinja2<3.1 and jinja2==3.1.6, we can conclude",
            JINJA,
            [Requirer("app/libs/a/pyproject.toml", "", "<3.1", direct=True)],
            id="a member",
        ),
        pytest.param(
            "Because demo:dev depends on jinja2[x]==3.0.3 and jinja2==3.1.6, we can conclude",
            JINJA,
            [Requirer("app/pyproject.toml", "", "==3.0.3", direct=True)],
            id="a group of the root",
        ),
        pytest.param(
            "Because your project depends on jinja2==3.0.3 and jinja2==3.1.6, we can conclude",
            JINJA,
            [Requirer("app/pyproject.toml", "", "==3.0.3", direct=True)],
            id="the project, without a name",
        ),
        pytest.param(
            "Because urllib3 2.2.2 needs what is not to be had, we can conclude",
            URLLIB3,
            [Requirer("moto-core", "4.0", "", direct=False), Requirer("requests", "2.25.1", "", direct=True)],
            id="nobody: all that the lock tells",
        ),
        pytest.param(
            "Because there is no version of urllib3==2.2.2 and moto depends on urllib3==2.2.2, we can conclude",
            URLLIB3,
            [],
            id="there is no such release",
        ),
        pytest.param(
            "Because gone==1.0 depends on urllib3<2 and other==1 depends on gone, we can conclude",
            URLLIB3,
            [Requirer("moto-core", "4.0", "", direct=False), Requirer("requests", "2.25.1", "", direct=True)],
            id="only those that the lock does not hold",
        ),
    ],
)
def test_blockers_are_named_one_by_one(words: str, upgrade: Upgrade, expected: list[Requirer]) -> None:
    error = said(words, upgrade)
    assert isinstance(error, BlockedError)
    assert list(error.blockers) == expected


def test_who_is_to_move_itself_is_no_blocker() -> None:
    words = "Because requests==2.26.0 depends on urllib3<1.27 and moto-core==4.0 depends on urllib3<2, we can"
    error = said(words, URLLIB3, Upgrade("requests", "2.25.1", "2.26.0", direct=True))
    assert isinstance(error, BlockedError)
    assert error.blockers == (Requirer("moto-core", "4.0", "<2", direct=False),)


def test_uv_s_words_are_kept_for_people() -> None:
    assert str(said("Because x.\n\nhint: While the active Python version is 3.11, the resolution", URLLIB3)) == (
        "app/pyproject.toml: uv finds no solution with urllib3 2.2.2: Because x."
    )


def test_endless_words_are_read_at_once() -> None:
    error = said("a[" * 50_000 + "b==" * 50_000 + " depends on " * 10_000, URLLIB3)
    assert len(str(error)) < 1_000
