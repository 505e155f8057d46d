from collections.abc import Callable, Mapping

import pytest

from remediators.api import Parsed, Reader, Remediator
from remediators.pyproject import Uv

REMEDIATOR: Remediator = Uv()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]


def parsed(reader_of: ReaderOf, files: Mapping[str, str], manifest: str = "pyproject.toml") -> Parsed:
    read = reader_of({path: text.encode() for path, text in files.items()})
    (unit,) = (unit for unit in REMEDIATOR.units(tuple(files)) if unit.manifest == manifest)
    return REMEDIATOR.parse(REMEDIATOR.expand(unit, read), read)


MEMBER = "[project]\nname = 'a'\ndependencies = ['x']\n"


@pytest.mark.parametrize(
    ("members", "member"),
    [
        pytest.param("members = ['libs/*']", True, id="glob"),
        pytest.param("members = ['libs/a']", True, id="name"),
        pytest.param("members = ['./libs/a/']", True, id="another spelling"),
        pytest.param("members = ['**']", True, id="any depth"),
        pytest.param("members = ['**/a']", True, id="any folder above"),
        pytest.param("members = ['libs']", False, id="folder above"),
        pytest.param("members = ['*']", False, id="one level only"),
        pytest.param("members = ['libs/*']\nexclude = ['libs/a']", False, id="excluded"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_workspace_member_is_left_to_its_workspace(reader_of: ReaderOf, members: str, member: bool) -> None:
    files = {"libs/a/pyproject.toml": MEMBER, "pyproject.toml": f"[tool.uv.workspace]\n{members}\n"}
    result = parsed(reader_of, files, "libs/a/pyproject.toml")
    assert [failure.reason for failure in result.problems] == (
        ["libs/a/pyproject.toml is a member of the workspace of pyproject.toml, which is not handled yet"] * member
    )
    assert len(result.dependencies) == (not member)


WORKSPACE_LOCK = """\
version = 1
[manifest]
members = ["a", "demo"]
[[package]]
name = "a"
version = "1"
source = { editable = "libs/a" }
[[package]]
name = "beside"
version = "1"
source = { directory = "../beside" }
[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
[[package]]
name = "outside"
version = "1"
source = { directory = "../../outside" }
"""


def test_a_workspace_root_holds_the_manifests_that_its_lock_needs(reader_of: ReaderOf) -> None:
    files = {
        "app/pyproject.toml": MEMBER,
        "app/uv.lock": WORKSPACE_LOCK,
        "app/libs/a/pyproject.toml": MEMBER,
        "beside/pyproject.toml": MEMBER,
    }
    read = reader_of({path: text.encode() for path, text in files.items()})
    unit = REMEDIATOR.expand(REMEDIATOR.units(("app/pyproject.toml", "app/uv.lock"))[0], read)
    assert unit.files == (
        "app/pyproject.toml",
        "app/uv.lock",
        "app/libs/a/pyproject.toml",
        "beside/pyproject.toml",
    )
    reasons = [f.reason for f in REMEDIATOR.parse(unit, read).problems if f.subject == "app/uv.lock"]
    assert reasons == [
        "line 8 of app/uv.lock: beside comes from a folder, which has no released version",
        "line 16 of app/uv.lock: outside comes from a folder, which has no released version",
    ]
