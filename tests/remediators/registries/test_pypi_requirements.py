import io
import json
import time
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from remediators.api import Registry
from remediators.errors import RegistryError
from remediators.registries import python_metadata
from remediators.registries.pypi import PypiRegistry
from tests.remediators.conftest import FakeTools

INDEX = "https://registry.example/simple"
FILES = "https://registry.example/files"
PAGE = f"{INDEX}/demo/"
JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = "demo-1.0-py3-none-any.whl"


def metadata(*requirements: str) -> str:
    lines = "".join(f"Requires-Dist: {requirement}\n" for requirement in requirements)
    return f"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n{lines}\n# Demo\n\nRequires-Dist: not-this\n"


def wheel(files: Mapping[str, str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def serve_page(tools: FakeTools, *files: str, **fields: Any) -> None:
    listed = [{"filename": name, "url": f"../../files/{name}", "hashes": {}, **fields} for name in files]
    tools.serve(PAGE, json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": listed}), JSON)


def required(tools: FakeTools, *requirements: str) -> Mapping[str, str]:
    serve_page(tools, WHEEL, **{"core-metadata": True})
    tools.serve(f"{FILES}/{WHEEL}.metadata", metadata(*requirements))
    registry: Registry = PypiRegistry()
    return registry.requirements("demo", "1.0", INDEX, tools)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param(["urllib3>=1.21.1,<1.27"], {"urllib3": ">=1.21.1,<1.27"}, id="a range as written"),
        pytest.param(["urllib3 (>=1.21.1, <1.27)"], {"urllib3": ">=1.21.1, <1.27"}, id="parentheses of old"),
        pytest.param(["Zope.Interface"], {"zope-interface": ""}, id="a bare name, normalised"),
        pytest.param(["a[x]~=1.0"], {"a": "~=1.0"}, id="extras of the other"),
        pytest.param(["a>=1 ; sys_platform == 'win32'"], {"a": ">=1"}, id="another platform counts"),
        pytest.param(["a>=1 ; extra == 'x'", "b ; python_version<'3' and extra=='x'"], {}, id="an extra does not"),
        pytest.param(["a @ https://registry.example/a.whl"], {"a": ""}, id="a URL"),
        pytest.param(["pytz (>dev)", "a >=1.0.*", "(("], {"pytz": "", "a": ""}, id="unreadable ranges of old"),
        pytest.param(
            ["a<2 ; python_version < '3.8'", "a>=2,<4 ; python_version >= '3.8'"],
            {"a": ">=2,<4"},
            id="forks: the higher",
        ),
        pytest.param(["a>=2 ; os_name == 'nt'", "a<2 ; os_name != 'nt'"], {"a": ">=2"}, id="forks: the unbounded"),
        pytest.param(["a>=1", "a>=3 ; os_name == 'nt'"], {"a": ">=3"}, id="forks: the one that starts higher"),
    ],
)
def test_what_a_release_requires(tools: FakeTools, written: list[str], expected: dict[str, str]) -> None:
    assert required(tools, *written) == expected


def test_only_the_metadata_file_is_fetched_where_the_index_offers_it(tools: FakeTools) -> None:
    required(tools, "a")
    assert [asked.url for asked in tools.asked] == [PAGE, f"{FILES}/{WHEEL}.metadata"]


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param("data-core-metadata", id="PEP 714"),
        pytest.param("data-dist-info-metadata", id="PEP 658"),
    ],
)
def test_html_tells_of_metadata_files_too(tools: FakeTools, attribute: str) -> None:
    tools.serve(PAGE, f'<a href="../../files/{WHEEL}#sha256=aa" {attribute}="sha256=bb">{WHEEL}</a>', "text/html")
    tools.serve(f"{FILES}/{WHEEL}.metadata", metadata("a"))
    assert PypiRegistry().requirements("demo", "1.0", INDEX, tools) == {"a": ""}


@pytest.mark.parametrize(
    "offered", [pytest.param(False, id="not offered"), pytest.param(True, id="offered and missing")]
)
def test_else_the_wheel_tells(tools: FakeTools, offered: bool) -> None:
    serve_page(tools, WHEEL, **{"core-metadata": offered})
    inside = {"demo/METADATA": "", "demo-1.0.dist-info/METADATA": metadata("a>=1")}
    tools.serve(f"{FILES}/{WHEEL}", wheel(inside), "application/octet-stream")
    assert PypiRegistry().requirements("demo", "1.0", INDEX, tools) == {"a": ">=1"}


def test_of_several_wheels_the_one_for_any_platform_is_read(tools: FakeTools) -> None:
    serve_page(tools, "demo-1.0-cp311-cp311-win32.whl", WHEEL, "demo-1.0.tar.gz")
    tools.serve(f"{FILES}/{WHEEL}", wheel({"demo-1.0.dist-info/METADATA": metadata("a")}))
    assert PypiRegistry().requirements("demo", "1.0", INDEX, tools) == {"a": ""}


def test_a_release_is_asked_for_once_and_its_page_once_for_all(tools: FakeTools) -> None:
    newer = "demo-1.1-py3-none-any.whl"
    serve_page(tools, WHEEL, newer, **{"core-metadata": True})
    for name in (WHEEL, newer):
        tools.serve(f"{FILES}/{name}.metadata", metadata("a"))
    registry = PypiRegistry()
    for version in ("1.0", "1.1", "1.0", "1.1"):
        assert registry.requirements("Demo", version, INDEX, tools) == {"a": ""}
    assert [asked.url for asked in tools.asked] == [PAGE, f"{FILES}/{WHEEL}.metadata", f"{FILES}/{newer}.metadata"]


def test_a_release_is_near_once_its_page_was_read(tools: FakeTools) -> None:
    serve_page(tools, WHEEL, **{"core-metadata": True})
    registry = PypiRegistry()
    before = registry.near("Demo", "1.0", INDEX)
    registry.releases("demo", INDEX, tools)
    assert (before, registry.near("Demo", "1.0", INDEX), registry.near("demo", "2.0", INDEX)) == (False, True, False)


def test_a_release_that_appears_later_is_found(tools: FakeTools) -> None:
    registry = PypiRegistry()
    serve_page(tools, WHEEL, **{"core-metadata": True})
    with pytest.raises(RegistryError, match=r"demo 1\.1 does not exist"):
        registry.requirements("demo", "1.1", INDEX, tools)
    serve_page(tools, WHEEL, "demo-1.1-py3-none-any.whl", **{"core-metadata": True})
    tools.serve(f"{FILES}/demo-1.1-py3-none-any.whl.metadata", metadata("a"))
    assert registry.requirements("demo", "1.1", INDEX, tools) == {"a": ""}


@pytest.mark.parametrize(
    ("name", "body", "fields", "message"),
    [
        pytest.param(
            "demo-1.0.tar.gz", b"", {}, "published as source only: what it requires cannot be read", id="source"
        ),
        pytest.param(WHEEL, b"PK", {}, "is not a wheel that can be read", id="no archive"),
        pytest.param(WHEEL, wheel({"a": "b"}), {}, "has no readable METADATA", id="no metadata"),
        pytest.param(
            WHEEL,
            wheel({"demo-1.0.dist-info/METADATA": "x" * (4 * 2**20 + 1)}),
            {},
            "is too large to be read",
            id="bomb",
        ),
        pytest.param(
            WHEEL,
            wheel({"demo-1.0.dist-info/METADATA": "x" * 2**20}, zipfile.ZIP_LZMA),
            {},
            "has no readable METADATA",
            id="packed so that it can burst",
        ),
        pytest.param(WHEEL, b"PK\x01\x02" * 50_001, {}, "has no readable METADATA", id="files without number"),
        pytest.param(WHEEL, None, {}, "does not have it; try again later", id="missing"),
        pytest.param(WHEEL, b"", {"size": 2**30}, r"is too large \(1,073,741,824 bytes\) to look into", id="large"),
    ],
)
def test_what_cannot_be_told_is_an_error(
    tools: FakeTools, name: str, body: bytes | None, fields: dict[str, Any], message: str
) -> None:
    serve_page(tools, name, **fields)
    if body is not None:
        tools.serve(f"{FILES}/{name}", body)
    with pytest.raises(RegistryError, match=message):
        PypiRegistry().requirements("demo", "1.0", INDEX, tools)


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * 500_000, id="a mail"),
        pytest.param(b"Requires-Dist: p" + b">=1," * 60_000 + b"\n\n", id="a range of many clauses"),
        pytest.param(b"Requires-Dist: p>=1\n" * 12_000 + b"\n", id="many requirements"),
        pytest.param(b"Name: a\n\n" + b"a\n" * 2_000_000, id="many lines"),
    ],
)
def test_hostile_metadata_is_read_quickly(metadata: bytes) -> None:
    begun = time.process_time()
    python_metadata.required(metadata)
    python_metadata.described(metadata)
    assert time.process_time() - begun < 5
