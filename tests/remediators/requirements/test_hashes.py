import json
from pathlib import Path

import pytest

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import ToolError
from remediators.requirements.remediator import Requirements
from tests.remediators.conftest import FakeTools

REMEDIATOR: Remediator = Requirements()
INDEX = "https://registry.example/simple"
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)
JSON = "application/vnd.pypi.simple.v1+json"


def publish(tools: FakeTools, index: str, *files: tuple[str, dict[str, str]]) -> None:
    listed = [{"filename": name, "url": name, "hashes": hashes} for name, hashes in files]
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": "flask", "files": listed})
    tools.serve(f"{index}/flask/", page, JSON)


@pytest.fixture
def published(tools: FakeTools) -> FakeTools:
    publish(
        tools,
        INDEX,
        ("flask-2.0.1.tar.gz", {"sha256": "01d"}),
        ("flask-2.3.2.tar.gz", {"sha256": "fe"}),
        ("flask-2.3.2-py3-none-any.whl", {"sha256": "ab", "md5": "99"}),
    )
    return tools


def relocked(work: Path, text: str, tools: FakeTools, index: str | None = INDEX) -> str:
    file = work / "requirements.txt"
    file.write_bytes(text.encode())
    unit = Unit("requirements", "requirements.txt", None, ("requirements.txt",))
    REMEDIATOR.relock(unit, work, [FLASK], index, tools)
    return file.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "flask==2.3.2 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n    # via -r x.in\n",
            "flask==2.3.2 \\\n    --hash=sha256:ab \\\n    --hash=sha256:fe\n    # via -r x.in\n",
            id="as pip-compile writes them",
        ),
        pytest.param(
            "flask==2.3.2 \\\r\n\t--hash=sha256:0a\r\nsix==1.0 --hash=sha256:0a\r\n",
            "flask==2.3.2 \\\r\n\t--hash=sha256:ab \\\r\n\t--hash=sha256:fe\r\nsix==1.0 --hash=sha256:0a\r\n",
            id="one hash becomes two",
        ),
        pytest.param(
            "flask==2.3.2 --hash=sha256:0a  # note\n",
            "flask==2.3.2 --hash=sha256:ab --hash=sha256:fe  # note\n",
            id="on one line",
        ),
        pytest.param(
            "flask==2.3.2 ; os_name=='nt' --hash sha512:0a --hash sha512:0b --hash sha512:0c",
            "flask==2.3.2 ; os_name=='nt' --hash sha256:ab --hash sha256:fe",
            id="other algorithm, other spelling, fewer",
        ),
        pytest.param("flask==2.3.2\n", "flask==2.3.2\n", id="no hashes"),
        pytest.param("flask==2.0.1 --hash=sha256:0a\n", "flask==2.0.1 --hash=sha256:0a\n", id="another version"),
        pytest.param("flask===2004d --hash=sha256:0a\n", "flask===2004d --hash=sha256:0a\n", id="no version"),
        pytest.param("flask-x==2.3.2 --hash=sha256:0a\n", "flask-x==2.3.2 --hash=sha256:0a\n", id="another package"),
    ],
)
def test_hashes_are_renewed_in_the_layout_of_the_file(
    tmp_path: Path, published: FakeTools, before: str, after: str
) -> None:
    assert relocked(tmp_path, before, published) == after


def test_the_index_of_the_file_is_asked_when_none_is_given(tmp_path: Path, tools: FakeTools) -> None:
    publish(tools, "https://registry.example/own", ("flask-2.3.2.tar.gz", {"sha256": "fe"}))
    text = "-i https://registry.example/own\nflask==2.3.2 --hash=sha256:{}\n"
    assert relocked(tmp_path, text.format("0a"), tools, None) == text.format("fe")


def test_nothing_is_asked_for_a_file_without_hashes(tmp_path: Path, tools: FakeTools) -> None:
    assert relocked(tmp_path, "flask==2.3.2\n", tools) == "flask==2.3.2\n"
    assert tools.asked == []


def test_included_files_are_renewed_too(tmp_path: Path, published: FakeTools) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/requirements.txt").write_text("-r ../base.pip\n")
    (tmp_path / "base.pip").write_text("flask==2.3.2 --hash=sha256:0a\n")
    unit = Unit("requirements", "app/requirements.txt", None, ("app/requirements.txt", "base.pip"))
    REMEDIATOR.relock(unit, tmp_path, [FLASK], INDEX, published)
    assert (tmp_path / "base.pip").read_text() == "flask==2.3.2 --hash=sha256:ab --hash=sha256:fe\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param([], "no such package flask at https://registry.example", id="no package"),
        pytest.param([("flask-2.0.1.tar.gz", {"sha256": "0a"})], "the index lists no file of it", id="no such version"),
        pytest.param([("flask-2.3.2.tar.gz", {"md5": "0a"})], r"no SHA-256 of flask-2.3.2.tar.gz", id="no SHA-256"),
    ],
)
def test_hashes_that_cannot_be_had_are_refused(
    tmp_path: Path, tools: FakeTools, files: list[tuple[str, dict[str, str]]], message: str
) -> None:
    if files:
        publish(tools, INDEX, *files)
    with pytest.raises(
        ToolError, match=rf"^requirements\.txt: the hashes of flask 2\.3\.2 cannot be renewed: .*{message}"
    ):
        relocked(tmp_path, "flask==2.3.2 --hash=sha256:0a\n", tools)
