import json
from datetime import UTC, datetime
from typing import Any

import pytest

from remediators.api import Registry
from remediators.errors import RegistryError
from remediators.registries.pypi import PypiRegistry, project_files
from state.model import Listing, Release
from tests.remediators.conftest import FakeTools

REGISTRY: Registry = PypiRegistry()
INDEX = "https://registry.example/simple"
PAGE = f"{INDEX}/demo/"
JSON = "application/vnd.pypi.simple.v1+json"


def file(name: str, **fields: Any) -> dict[str, Any]:
    return {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": f"hash of {name}"}, **fields}


def document(*files: dict[str, Any]) -> str:
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": files})


def listed(tools: FakeTools, *files: dict[str, Any]) -> dict[str, Release]:
    tools.serve(PAGE, document(*files), JSON)
    return {release.version: release for release in REGISTRY.releases("demo", INDEX, tools).releases}


def test_files_of_a_version_make_one_release(tools: FakeTools) -> None:
    releases = listed(
        tools,
        file("demo-1.0.tar.gz", **{"upload-time": "2024-03-02T10:00:00Z", "requires-python": ">=3.8"}),
        file("demo-1.0-py3-none-any.whl", **{"upload-time": "2024-03-01T09:30:00.25Z", "requires-python": ">=3.8"}),
        file("demo-1.1.tar.gz"),
    )
    assert releases == {
        "1.0": Release("1.0", datetime(2024, 3, 1, 9, 30, 0, 250000, UTC), yanked=False, requires=">=3.8"),
        "1.1": Release("1.1", None, yanked=False),
    }


@pytest.mark.parametrize(
    ("yanked", "expected"),
    [
        pytest.param((True, True), True, id="all files"),
        pytest.param(("broken metadata", ""), True, id="all files, with reasons"),
        pytest.param((True, False), False, id="one file"),
        pytest.param((False, False), False, id="none"),
    ],
)
def test_a_release_is_yanked_when_all_its_files_are(
    tools: FakeTools, yanked: tuple[object, object], expected: bool
) -> None:
    releases = listed(
        tools, file("demo-1.0.tar.gz", yanked=yanked[0]), file("demo-1.0-py3-none-any.whl", yanked=yanked[1])
    )
    assert releases["1.0"].yanked is expected


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        pytest.param({"demo-1.0.tar.gz": ">=3.8", "demo-1.0-py3-none-any.whl": ">=3.8"}, ">=3.8", id="common"),
        pytest.param({"demo-1.0.tar.gz": ">=3.9", "demo-1.0-py3-none-any.whl": ">=3.8"}, ">=3.9", id="source archive"),
        pytest.param(
            {"demo-1.0-cp38-cp38-any.whl": ">=3.8,<3.9", "demo-1.0-cp310-cp310-any.whl": ">=3.10"},
            ">=3.10",
            id="most permissive wheel",
        ),
        pytest.param(
            {"demo-1.0-cp38-cp38-any.whl": ">=3.8", "demo-1.0-py3-none-any.whl": None}, "", id="one needs none"
        ),
    ],
)
def test_requires_python_of_files_that_differ(tools: FakeTools, requires: dict[str, str | None], expected: str) -> None:
    releases = listed(tools, *(file(name, **{"requires-python": value}) for name, value in requires.items()))
    assert releases["1.0"].requires == expected


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("demo-1.0.exe", id="installer"),
        pytest.param("demo-1.0.egg", id="egg"),
        pytest.param("demo-2004d-legacy.tar.gz", id="no PEP 440 version"),
        pytest.param("other-1.0.tar.gz", id="another project"),
        pytest.param("demo-extra-1.0.tar.gz", id="a project with a longer name"),
        pytest.param("demo-1.0-broken.whl", id="malformed wheel"),
    ],
)
def test_files_that_tell_no_version_are_skipped(tools: FakeTools, name: str) -> None:
    assert set(listed(tools, file(name), file("Demo-2.0.zip"))) == {"2.0"}


def test_the_page_of_a_name_is_its_normalised_one(tools: FakeTools) -> None:
    tools.serve(f"{INDEX}/zope-interface/", document(file("zope.interface-5.0.tar.gz")), JSON)
    listing = REGISTRY.releases("Zope.Interface", INDEX + "/", tools)
    assert [release.version for release in listing.releases] == ["5.0"]


@pytest.mark.parametrize(
    "name", ["a/../../admin", "%2e%2e/admin", "demo?x=1", "demo#", "", "-", "a b", "demo\n", "x/" * 500]
)
def test_what_is_no_name_is_not_asked_for(tools: FakeTools, name: str) -> None:
    with pytest.raises(RegistryError, match="is not the name of a package; correct it") as refused:
        REGISTRY.releases(name, INDEX, tools)
    assert len(str(refused.value)) < 200
    assert tools.asked == []


def test_json_is_asked_for_first(tools: FakeTools) -> None:
    listed(tools, file("demo-1.0.tar.gz"))
    assert tools.asked[0].accept.startswith(JSON)
    assert "text/html" in tools.asked[0].accept


def test_credentials_in_an_index_are_not_used(tools: FakeTools) -> None:
    tools.serve(PAGE, document(file("demo-1.0.tar.gz")), JSON)
    assert REGISTRY.releases("demo", "https://user:secret@registry.example/simple", tools).releases
    assert [asked.url for asked in tools.asked] == [PAGE]


def test_the_default_index_is_the_one_of_the_ecosystem(tools: FakeTools) -> None:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    tools.serve(f"{PYPI_SIMPLE_ENDPOINT}demo/", document(file("demo-1.0.tar.gz")), JSON)
    assert REGISTRY.releases("demo", None, tools).releases


HTML = """<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head><body>
<a href="../../files/demo-1.0.tar.gz#sha256=aa11" data-requires-python="&gt;=3.8">demo-1.0.tar.gz</a>
<a href="../../files/demo-1.0-py3-none-any.whl#sha256=bb22"
   data-requires-python="&gt;=3.8" data-yanked="">demo-1.0-py3-none-any.whl</a>
<a href="demo-0.9.tar.gz#md5=cc33" data-yanked="security" data-upload-time="2024-03-01T09:30:00Z">demo-0.9.tar.gz</a>
<a href="demo-0.8.tar.gz" data-upload-time="yesterday">demo-0.8.tar.gz</a>
<a href="https://registry.example/">home page</a>
</body></html>"""


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/html; charset=utf-8", "application/vnd.pypi.simple.v1+html"]
)
def test_html_is_the_fallback(tools: FakeTools, content_type: str) -> None:
    tools.serve(PAGE, HTML, content_type)
    releases = {release.version: release for release in REGISTRY.releases("demo", INDEX, tools).releases}
    assert releases == {
        "1.0": Release("1.0", None, yanked=False, requires=">=3.8"),
        "0.9": Release("0.9", datetime(2024, 3, 1, 9, 30, tzinfo=UTC), yanked=True),
        "0.8": Release("0.8", None, yanked=False),
    }


def test_hashes_of_files_are_sha256_or_nothing(tools: FakeTools) -> None:
    tools.serve(PAGE, HTML, "text/html")
    assert {f.name: f.sha256 for f in project_files("demo", INDEX, tools)} == {
        "demo-1.0.tar.gz": "aa11",
        "demo-1.0-py3-none-any.whl": "bb22",
        "demo-0.9.tar.gz": "",
        "demo-0.8.tar.gz": "",
    }


def test_an_unchanged_listing_comes_back_itself(tools: FakeTools) -> None:
    tools.serve(PAGE, document(file("demo-1.0.tar.gz")), JSON, etag='"v1"')
    known = REGISTRY.releases("demo", INDEX, tools)
    assert known.etag == '"v1"'
    assert REGISTRY.releases("demo", INDEX, tools, known) is known
    assert tools.asked[-1].etag == '"v1"'


def test_a_changed_listing_replaces_the_known_one(tools: FakeTools) -> None:
    tools.serve(PAGE, document(file("demo-1.1.tar.gz")), JSON, etag='"v2"')
    known = Listing((Release("1.0", None, yanked=False),), '"v1"')
    listing = REGISTRY.releases("demo", INDEX, tools, known)
    assert ([release.version for release in listing.releases], listing.etag) == (["1.1"], '"v2"')


def test_a_missing_package_is_named_with_its_place(tools: FakeTools) -> None:
    with pytest.raises(RegistryError, match=r"no such package demo at https://registry\.example/simple/demo/; check"):
        REGISTRY.releases("demo", INDEX, tools)


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        pytest.param("<a href='/login'>Sign in</a>", "text/html", "it may be a sign-in page", id="sign-in page"),
        pytest.param("{", JSON, "cannot be read as PEP 691 JSON", id="broken JSON"),
        pytest.param("[]", JSON, "cannot be read as PEP 691 JSON", id="another shape"),
        pytest.param('{"meta": {"api-version": "1.0"}}', JSON, "PEP 691 JSON: it has no `files`", id="no files"),
        pytest.param(
            '{"meta": {"api-version": "9.0"}, "name": "demo", "files": []}', JSON, "cannot be read", id="newer JSON"
        ),
        pytest.param(
            '<meta name="pypi:repository-version" content="9.0">', "text/html", "cannot be read", id="newer HTML"
        ),
        pytest.param("demo 1.0", "text/plain", "answered with text/plain", id="another type"),
        pytest.param("demo 1.0", "", "answered with no content type", id="no type"),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_listing(
    tools: FakeTools, body: str, content_type: str, message: str
) -> None:
    tools.serve(PAGE, body, content_type)
    with pytest.raises(RegistryError, match=message):
        REGISTRY.releases("demo", INDEX, tools)


def test_an_outage_is_not_an_answer(tools: FakeTools) -> None:
    tools.refuse(PAGE, "registry.example cannot be reached; try again later")
    with pytest.raises(RegistryError, match="cannot be reached"):
        REGISTRY.releases("demo", INDEX, tools)


METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nProject-URL: Source, https://forge.example/a/b\n\n# Demo\n"


def test_what_is_told_of_a_release_besides(tools: FakeTools) -> None:
    wheel = "demo-1.0-py3-none-any.whl"
    provenance = "https://registry.example/integrity/demo"
    tools.serve(
        PAGE,
        document(file(wheel, **{"core-metadata": True}), file("demo-1.0.tar.gz", size=9, provenance=provenance)),
        JSON,
    )
    tools.serve(f"https://registry.example/files/{wheel}.metadata", METADATA, "text/plain")
    about = PypiRegistry().about("demo", "1.0", INDEX, tools)
    assert (about.source, about.text.strip(), about.attested) == ("https://forge.example/a/b", "# Demo", True)
    assert [(a.url, a.size) for a in about.archives] == [("https://registry.example/files/demo-1.0.tar.gz", 9)]


def test_an_index_that_tells_little_is_good_enough(tools: FakeTools) -> None:
    tools.serve(PAGE, '<a href="../../files/demo-1.0.tar.gz">demo-1.0.tar.gz</a>', "text/html")
    about = PypiRegistry().about("demo", "1.0", INDEX, tools)
    assert (about.source, about.text, about.attested, len(about.archives)) == ("", "", False, 1)
    with pytest.raises(RegistryError, match=r"demo 2\.0 does not exist"):
        PypiRegistry().about("demo", "2.0", INDEX, tools)


def test_an_attested_file_on_a_page_of_html(tools: FakeTools) -> None:
    link = '<a href="../../files/demo-1.0.tar.gz" data-provenance="https://registry.example/p">demo-1.0.tar.gz</a>'
    tools.serve(PAGE, link, "text/html")
    assert PypiRegistry().about("demo", "1.0", INDEX, tools).attested


def test_a_page_that_was_read_for_its_releases_is_not_asked_for_again(tools: FakeTools) -> None:
    registry = PypiRegistry()
    tools.serve(PAGE, document(file("demo-1.0.tar.gz", size=9)), JSON)
    registry.releases("demo", INDEX, tools)
    asked = len(tools.asked)
    assert len(registry.about("demo", "1.0", INDEX, tools).archives) == 1
    assert len(tools.asked) == asked


def test_a_release_that_came_out_since_then_is_asked_for(tools: FakeTools) -> None:
    registry = PypiRegistry()
    tools.serve(PAGE, document(file("demo-1.0.tar.gz", size=9)), JSON)
    registry.releases("demo", INDEX, tools)
    tools.serve(PAGE, document(file("demo-1.0.tar.gz", size=9), file("demo-2.0.tar.gz", size=9)), JSON)
    assert len(registry.about("demo", "2.0", INDEX, tools).archives) == 1
