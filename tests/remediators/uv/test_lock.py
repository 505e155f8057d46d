import pytest

from remediators.errors import ManifestError
from remediators.uv.graph import asked_for, own_projects, requirers, scopes
from remediators.uv.lock import Edge, read_lock
from state.model import Scope

LOCK = """\
version = 1
revision = 5
requires-python = ">=3.9"

[manifest]
members = ["root", "tool"]

[[package]]
name = "both"
version = "1.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "extra-only"
version = "1.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "forked"
version = "1.0"
source = { registry = "https://registry.example/simple" }
resolution-markers = ["python_full_version < '3.10'"]

[[package]]
name = "forked"
version = "2.0"
source = { registry = "https://registry.example/simple" }
resolution-markers = ["python_full_version >= '3.10'"]
dependencies = [{ name = "deep" }]

[[package]]
name = "deep"
version = "0.1"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "forked", version = "2.0" }]

[[package]]
name = "from-git"
version = "3.0"
source = { git = "https://registry.example/x.git?rev=main#abc" }
dependencies = [{ name = "both" }]

[[package]]
name = "root"
source = { editable = "." }
dependencies = [
    { name = "with-extra", extra = ["more"] },
    { name = "from-git" },
    { name = "tool" },
]

[package.optional-dependencies]
fast = [{ name = "extra-only" }]

[package.dev-dependencies]
dev = [
    { name = "forked", version = "1.0", marker = "python_full_version < '3.10'" },
    { name = "test" },
]

[package.metadata]
requires-dist = [{ name = "with-extra" }]

[[package]]
name = "test"
version = "1.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "both" }, { name = "extra-only" }]

[[package]]
name = "tool"
version = "1"
source = { editable = "tools/tool" }

[[package]]
name = "with-extra"
version = "1.0"
source = { registry = "https://registry.example/simple" }

[package.optional-dependencies]
less = [{ name = "test" }]
more = [{ name = "forked", version = "2.0" }]
"""


def test_packages_are_read_with_their_lines() -> None:
    lock = read_lock("uv.lock", LOCK.encode())
    lines = LOCK.splitlines()
    assert [(lines[p.line - 1], p.name) for p in lock.packages[:2]] == [
        ("[[package]]", "both"),
        ("[[package]]", "extra-only"),
    ]
    (root,) = lock.at("Root")
    assert (root.version, root.source, root.folder) == ("", "editable", ".")
    assert root.dependencies[0] == Edge("with-extra", "", ("more",))
    assert [p.version for p in lock.at("forked")] == ["1.0", "2.0"]
    assert lock.at("forked")[0].markers == ("python_full_version < '3.10'",)
    assert lock.at("from_git")[0].folder is None


def test_a_lock_with_windows_line_ends_is_read() -> None:
    assert [p.line for p in read_lock("uv.lock", LOCK.replace("\n", "\r\n").encode()).packages] == [
        p.line for p in read_lock("uv.lock", LOCK.encode()).packages
    ]


def test_the_scope_of_a_package_is_the_most_exposed_that_leads_to_it() -> None:
    lock = read_lock("uv.lock", LOCK.encode())
    found = {f"{p.name} {p.version}": scope for p, scope in zip(lock.packages, scopes(lock), strict=True)}
    assert found == {
        "both 1.0": Scope.RUNTIME,
        "extra-only 1.0": Scope.OPTIONAL,
        "forked 1.0": Scope.DEV,
        "forked 2.0": Scope.RUNTIME,
        "deep 0.1": Scope.RUNTIME,
        "from-git 3.0": Scope.RUNTIME,
        "root ": Scope.DEV,
        "test 1.0": Scope.DEV,
        "tool 1": Scope.RUNTIME,
        "with-extra 1.0": Scope.RUNTIME,
    }


def test_the_graph_answers_who_asks() -> None:
    lock = read_lock("uv.lock", LOCK.encode())
    assert [p.version for p in asked_for(lock, "forked")] == ["1.0"]
    assert asked_for(lock, "deep") == ()
    (both,) = lock.at("Both")
    assert [who.package for who in requirers(lock, "uv.lock", "Both", both.version)] == ["from-git", "test"]
    assert [p.name for p in own_projects(lock)] == ["root", "tool"]


GROUPS_ONLY = """\
version = 1
requires-python = ">=3.11"
[manifest.dependency-groups]
dev = [{ name = "six", specifier = "==1.16.0" }]
[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://registry.example/simple" }
"""


def test_groups_of_a_root_that_is_no_project_are_development() -> None:
    lock = read_lock("uv.lock", GROUPS_ONLY.encode())
    assert scopes(lock) == (Scope.DEV,)
    assert [p.name for p in asked_for(lock, "six")] == ["six"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "version = 9\n",
            r"^uv\.lock: lockfile version 9 is newer than this program understands \(1\); update the program",
            id="newer",
        ),
        pytest.param("revision = 1\n", "not a lockfile as uv writes it", id="no version"),
        pytest.param("version = '1'\n", "not a lockfile as uv writes it", id="another type"),
        pytest.param("version = 1\npackage = [{ name = 'a' }]\n", "not a lockfile as uv writes it", id="other layout"),
        pytest.param("version = 1\n[[package]]\nname = 'a'\n", "line 2: a package without name", id="no source"),
        pytest.param(
            "version = 1\n[[package]]\nname = 'a'\nversion = '2004d'\nsource = { registry = '' }\n",
            "line 2: a 2004d is not a version of PEP 440",
            id="no PEP 440 version",
        ),
        pytest.param("<<<<<<< HEAD\n", "is not valid TOML", id="merge conflict"),
    ],
)
def test_what_is_no_known_lock_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read_lock("uv.lock", text.encode())
