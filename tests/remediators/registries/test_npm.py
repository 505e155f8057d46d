import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Registry
from remediators.errors import RegistryError, ToolError
from remediators.registries.npm import NpmRegistry
from state.model import Listing, Release
from tests.remediators.conftest import FakeTools
from tests.remediators.real_tools import RealTools

INDEX = "https://registry.example/npm"


def published(version: str, **fields: Any) -> dict[str, Any]:
    return {"name": "demo", "version": version, "dist": {"tarball": f"{INDEX}/demo/-/demo-{version}.tgz"}, **fields}


def document(*manifests: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"name": "demo", "versions": {m["version"]: m for m in manifests}, **fields})


def listed(tools: FakeTools, body: str, package: str = "demo") -> tuple[Release, ...]:
    tools.serve(f"{INDEX}/{package}", body)
    registry: Registry = NpmRegistry()
    return registry.releases("demo", INDEX, tools).releases


def test_a_release_has_its_time_its_node_and_its_deprecation(tools: FakeTools) -> None:
    body = document(
        published("1.0.0", engines={"node": ">=14", "npm": ">=6"}, deprecated="use 2.0.0"),
        published("2.0.0-rc.1"),
        time={"created": "2020-01-01T00:00:00.000Z", "1.0.0": "2021-03-04T05:06:07.089Z", "2.0.0-rc.1": "soon"},
    )
    assert listed(tools, body) == (
        Release("1.0.0", datetime(2021, 3, 4, 5, 6, 7, 89000, UTC), False, ">=14", "use 2.0.0"),
        Release("2.0.0-rc.1", None, False),
    )


def test_a_registry_that_tells_no_times_is_good_enough(tools: FakeTools) -> None:
    assert listed(tools, document(published("1.0.0"))) == (Release("1.0.0", None, False),)


@pytest.mark.parametrize(
    ("engines", "requires"),
    [
        pytest.param({"node": ">=18"}, ">=18", id="node"),
        pytest.param({"npm": ">=6"}, "", id="npm only"),
        pytest.param(["node >= 0.6"], "", id="a list, as of old"),
        pytest.param({"node": 18}, "", id="a number"),
        pytest.param(None, "", id="null"),
    ],
)
def test_engines_as_people_wrote_them(tools: FakeTools, engines: object, requires: str) -> None:
    assert listed(tools, document(published("1.0.0", engines=engines)))[0].requires == requires


@pytest.mark.parametrize(
    ("deprecated", "reason"), [("gone", "gone"), ("", ""), (False, ""), (True, "deprecated"), (None, "")]
)
def test_deprecations_as_registries_write_them(tools: FakeTools, deprecated: object, reason: str) -> None:
    assert listed(tools, document(published("1.0.0", deprecated=deprecated)))[0].deprecated == reason


def test_a_release_without_an_archive_cannot_be_installed(tools: FakeTools) -> None:
    body = json.dumps({"versions": {"1.0.0": {"version": "1.0.0"}, "1.1.0": published("1.1.0")}})
    assert [release.version for release in listed(tools, body)] == ["1.1.0"]


@pytest.mark.parametrize(
    ("package", "index", "url"),
    [
        ("demo", INDEX, f"{INDEX}/demo"),
        ("demo", f"{INDEX}/", f"{INDEX}/demo"),
        ("demo", "https://me:secret@registry.example/npm", f"{INDEX}/demo"),
        ("@scope/demo", INDEX, f"{INDEX}/@scope%2fdemo"),
        ("../admin?x", INDEX, f"{INDEX}/..%2fadmin%3Fx"),
    ],
    ids=["plain", "trailing slash", "credentials", "scope", "no package name"],
)
def test_the_document_of_a_package_has_one_address(tools: FakeTools, package: str, index: str, url: str) -> None:
    tools.serve(url, document(published("1.0.0")))
    assert NpmRegistry().releases(package, index, tools).releases
    assert [asked.url for asked in tools.asked] == [url]


def test_an_unchanged_listing_comes_back_itself(tools: FakeTools) -> None:
    tools.serve(f"{INDEX}/demo", document(published("1.0.0")), etag='"5"')
    first = NpmRegistry().releases("demo", INDEX, tools)
    assert first.etag == '"5"'
    assert NpmRegistry().releases("demo", INDEX, tools, first) is first


def test_a_changed_listing_is_read_anew(tools: FakeTools) -> None:
    tools.serve(f"{INDEX}/demo", document(published("1.0.0")), etag='"6"')
    assert len(NpmRegistry().releases("demo", INDEX, tools, Listing((), '"5"')).releases) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            "<html>sign in</html>", r"demo: https://registry.example/npm/demo did not answer with JSON", id="html"
        ),
        pytest.param("[" * 100_000, r"did not answer with JSON", id="too deep"),
        pytest.param("[]", r"lists no versions", id="a list"),
        pytest.param('{"time": {"unpublished": {}}}', r"lists no versions: it was unpublished", id="unpublished"),
    ],
)
def test_what_is_no_package_document_is_an_error(tools: FakeTools, body: str, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        listed(tools, body)


def test_a_package_that_is_not_there_is_an_error(tools: FakeTools) -> None:
    with pytest.raises(RegistryError, match=r"no such package demo at https://registry.example/npm/demo; check"):
        NpmRegistry().releases("demo", INDEX, tools)


def test_npm_tells_the_default_registry_once(tools: FakeTools) -> None:
    tools.install("npm", lambda _, __: Completed(f"{INDEX}/\n", "npm warn something"))
    tools.serve(f"{INDEX}/demo", document(published("1.0.0")))
    registry = NpmRegistry()
    for _ in range(2):
        assert registry.releases("demo", None, tools).releases
    assert [(ran.argv, ran.cwd) for ran in tools.ran] == [(("npm", "config", "get", "registry"), None)]


def test_without_npm_the_remedy_is_said(tools: FakeTools) -> None:
    with pytest.raises(
        ToolError, match=r"npm is not installed; .*set registries.npm in bot.toml or install Node.js with npm"
    ):
        NpmRegistry().releases("demo", None, tools)


def test_an_answer_of_npm_that_is_no_url_is_an_error(tools: FakeTools) -> None:
    tools.install("npm", lambda _, __: Completed("undefined\n", ""))
    with pytest.raises(ToolError, match=r"npm says that its registry is 'undefined'.*set registries.npm in bot.toml"):
        NpmRegistry().releases("demo", None, tools)


@pytest.mark.registry
def test_a_package_with_hundreds_of_releases_is_read(tmp_path: Path) -> None:
    releases = NpmRegistry().releases("webpack", None, RealTools(tmp_path)).releases
    assert len(releases) > 500
    five = next(release for release in releases if release.version == "5.0.0")
    assert five.requires == ">=10.13.0"
    assert five.published is not None
    assert five.published.tzinfo is UTC


@pytest.mark.registry
def test_a_package_of_a_scope_is_found(tmp_path: Path) -> None:
    assert NpmRegistry().releases("@types/node", None, RealTools(tmp_path)).releases


def required(tools: FakeTools, **fields: Any) -> Mapping[str, str]:
    tools.serve(f"{INDEX}/demo", document(published("1.0.0", **fields)))
    registry: Registry = NpmRegistry()
    return registry.requirements("demo", "1.0.0", INDEX, tools)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"dependencies": {"a": "^1.0.0", "@s/b": ""}}, {"a": "^1.0.0", "@s/b": ""}, id="dependencies"),
        pytest.param({"optionalDependencies": {"a": "1.x"}}, {"a": "1.x"}, id="optional ones"),
        pytest.param({"peerDependencies": {"a": ">=1"}}, {"a": ">=1"}, id="peers bind too"),
        pytest.param({"devDependencies": {"a": ">=1"}}, {}, id="not what its authors use"),
        pytest.param(
            {"dependencies": {"a": "1"}, "optionalDependencies": {"a": "2"}, "peerDependencies": {"a": "3"}},
            {"a": "2"},
            id="as npm reads one that is named twice",
        ),
        pytest.param({"dependencies": {"a": "npm:@s/b@~1.0"}}, {"@s/b": "~1.0"}, id="an alias"),
        pytest.param({"dependencies": {"a": "npm:^1.0"}}, {"a": "^1.0"}, id="a range as berry writes it"),
        pytest.param({"dependencies": {"a": "next"}}, {"a": ""}, id="a dist-tag"),
        pytest.param({"dependencies": {"a": "git+ssh://x/y", "b": "x/y", "c": 1}}, {}, id="what no registry has"),
        pytest.param({"dependencies": ["a"]}, {}, id="a list, as of old"),
    ],
)
def test_what_a_release_requires(tools: FakeTools, fields: dict[str, Any], expected: dict[str, str]) -> None:
    assert required(tools, **fields) == expected


def test_one_short_answer_tells_it_of_every_release(tools: FakeTools) -> None:
    releases = [published(version, dependencies={"a": f"^{version}"}) for version in ("1.0.0", "2.0.0")]
    tools.serve(f"{INDEX}/demo", document(*releases))
    registry = NpmRegistry()
    for version in ("1.0.0", "2.0.0", "1.0.0"):
        assert registry.requirements("demo", version, INDEX, tools) == {"a": f"^{version}"}
    (asked,) = tools.asked
    assert asked.accept.startswith("application/vnd.npm.install-v1+json")


def test_the_requirements_of_no_release_are_an_error(tools: FakeTools) -> None:
    tools.serve(f"{INDEX}/demo", document(published("1.0.0")))
    with pytest.raises(RegistryError, match=r"demo 2\.0\.0 does not exist \(any more\); choose another"):
        NpmRegistry().requirements("demo", "2.0.0", INDEX, tools)


def test_what_is_told_of_a_release_besides(tools: FakeTools) -> None:
    body = document(
        published("1.0.0", _npmUser={"name": "ann"}, maintainers=[{"name": "bob"}, {"name": "ann"}, "eve <e@x>", 7]),
        published("2.0.0", repository={"type": "git", "url": "git+https://forge.example/a/b.git"}),
        readme="# Demo",
    )
    tools.serve(f"{INDEX}/demo", body)
    registry: Registry = NpmRegistry()
    old, new = (registry.about("demo", version, INDEX, tools) for version in ("1.0.0", "2.0.0"))
    assert (old.publisher, old.maintainers, old.attested, old.source) == ("ann", ("ann", "bob", "eve"), False, "")
    assert (new.source, new.text) == ("https://forge.example/a/b", "# Demo")
    assert [archive.url for archive in new.archives] == [f"{INDEX}/demo/-/demo-2.0.0.tgz"]
    assert len(tools.asked) == 1


@pytest.mark.parametrize(
    ("dist", "attested"),
    [
        pytest.param({"attestations": {"url": "https://registry.example/a"}, "signatures": []}, True, id="attested"),
        pytest.param({"signatures": [{"keyid": "x"}]}, False, id="signed by the registry only"),
        pytest.param({"attestations": None}, False, id="null"),
        pytest.param({"attestations": "yes", "tarball": 7}, False, id="of another form"),
    ],
)
def test_whether_it_is_told_where_a_release_was_built(tools: FakeTools, dist: dict[str, Any], attested: bool) -> None:
    tools.serve(f"{INDEX}/demo", document({"version": "1.0.0", "dist": dist}))
    assert NpmRegistry().about("demo", "1.0.0", INDEX, tools).attested is attested


def test_nothing_is_told_of_a_release_that_is_not_there(tools: FakeTools) -> None:
    tools.serve(f"{INDEX}/demo", document(published("1.0.0")))
    with pytest.raises(RegistryError, match=r"demo 9\.0\.0 does not exist"):
        NpmRegistry().about("demo", "9.0.0", INDEX, tools)
