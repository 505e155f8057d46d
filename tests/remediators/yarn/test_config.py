import json

import pytest
import yaml

from remediators.errors import ManifestError, ToolError
from remediators.yarn.config import berry_config, classic_config

OWN, OTHER = "https://registry.example/own", "https://registry.example/other"


@pytest.mark.parametrize(
    ("npmrc", "yarnrc", "registry", "scoped"),
    [
        pytest.param("", "", None, {}, id="nothing"),
        pytest.param("", f'registry "{OWN}"\n', OWN, {}, id="Yarn's form"),
        pytest.param(f"registry={OTHER}\n", f"registry {OWN}\n", OWN, {}, id="Yarn's goes before npm's"),
        pytest.param(f"registry={OTHER}\n", "", OTHER, {}, id="npm's alone"),
        pytest.param("", f'"@a:registry" "{OWN}"\n', None, {"@a": OWN}, id="a scope"),
        pytest.param("", 'registry "https://me:secret@registry.example/own"\n', OWN, {}, id="without credentials"),
        pytest.param("", 'registry "${REGISTRY}"\nregistry "file:///etc"\n', None, {}, id="nothing that is no URL"),
        pytest.param("", 'registry "https://[half"\n', None, {}, id="a broken URL"),
    ],
)
def test_registries_of_classic(npmrc: str, yarnrc: str, registry: str | None, scoped: dict[str, str]) -> None:
    found = classic_config(npmrc.encode(), yarnrc.encode()).registries
    assert (found.registry, found.scoped) == (registry, scoped)


def test_classic_sees_nothing_but_registries() -> None:
    yarnrc = f'yarn-path "./evil.js"\n--install.modules-folder "/etc"\nregistry "{OWN}"\n"@a:registry" "{OTHER}"\n'
    visible = classic_config(b"script-shell=./evil\n", yarnrc.encode()).visible(None, berry=False, more={})
    assert visible == f'"registry" "{OWN}"\n"@a:registry" "{OTHER}"\n'


def test_the_configured_registry_is_for_projects_that_name_none() -> None:
    assert classic_config(None, None).visible(OWN, berry=False, more={}) == f'"registry" "{OWN}"\n'
    assert classic_config(None, f"registry {OTHER}".encode()).visible(OWN, berry=False, more={}) == (
        f'"registry" "{OTHER}"\n'
    )
    assert json.loads(berry_config("", None).visible(OWN, berry=True, more={})) == {"npmRegistryServer": OWN}


def test_berry_sees_registries_and_what_decides_on_the_lockfile() -> None:
    written = {
        "yarnPath": ".yarn/releases/evil.cjs",
        "plugins": ["./evil.cjs"],
        "npmRegistryServer": OWN,
        "npmScopes": {"a": {"npmRegistryServer": OTHER, "npmAuthToken": "secret"}, "b": None},
        "npmAuthToken": "secret",
        "injectEnvironmentFiles": [".env"],
        "compressionLevel": 0,
        "packageExtensions": {"debug@*": {"dependencies": {"ms": "2"}}},
        "caFilePath": "/etc/passwd",
    }
    found = berry_config(".yarnrc.yml", yaml.safe_dump(written).encode())
    assert (found.registries.registry, found.registries.scoped) == (OWN, {"@a": OTHER})
    assert json.loads(found.visible(None, berry=True, more={"npmMinimalAgeGate": 0})) == {
        "compressionLevel": 0,
        "packageExtensions": {"debug@*": {"dependencies": {"ms": "2"}}},
        "npmMinimalAgeGate": 0,
        "npmRegistryServer": OWN,
        "npmScopes": {"a": {"npmRegistryServer": OTHER}},
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("catalog", {"ms": "npm:@a/${REGISTRY_TOKEN_AA}@1"}, id="catalog"),
        pytest.param("packageExtensions", {"a@*": {"dependencies": {"ms": "${X:-2}"}}}, id="deep"),
    ],
)
def test_what_berry_would_take_from_the_environment_is_not_handed_to_it(key: str, value: object) -> None:
    found = berry_config(".yarnrc.yml", yaml.safe_dump({key: value}).encode())
    with pytest.raises(ToolError) as error:
        found.visible(None, berry=True, more={})
    said = "names a variable of the environment, which may hold credentials: write out what it stands for"
    assert str(error.value) == f".yarnrc.yml: `{key}` {said}"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"npmRegistryServer": f"{OWN}\nnode-options=--import=x"}, id="a URL"),
        pytest.param({"npmScopes": {"a": {"npmRegistryServer": f"{OWN}\rshell=x"}}}, id="a scope's URL"),
        pytest.param({"npmScopes": {"a\nscript-shell=x": {"npmRegistryServer": OWN}}}, id="a scope"),
        pytest.param({"npmScopes": {"a=x": {"npmRegistryServer": OWN}}}, id="an equals sign in a scope"),
        pytest.param({"npmScopes": {"": {"npmRegistryServer": OWN}}}, id="no name of a scope"),
    ],
)
def test_no_line_gets_into_the_file_that_npm_reads(written: object) -> None:
    assert berry_config(".yarnrc.yml", yaml.safe_dump(written).encode()).registries.visible() == ""


BOMB = "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(20))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("a: [", "this is not YAML", id="broken"),
        pytest.param("- a\n", ".yarnrc.yml is not a mapping of settings", id="a list"),
        pytest.param(BOMB, ".yarnrc.yml:1", id="a bomb of aliases"),
        pytest.param("[" * 100_000, ".yarnrc.yml:1", id="a tower"),
        pytest.param("a: !!python/object/apply:os.system [id]\n", ".yarnrc.yml:1", id="a call"),
        pytest.param("a: 2020-01-01\n", ".yarnrc.yml is not what yarn could read", id="a date"),
        pytest.param("a: " + "x" * 300_000, ".yarnrc.yml has 300,003 bytes, and at most 262,144", id="huge"),
        pytest.param("\x00", "this is not YAML", id="no text"),
    ],
)
def test_hostile_settings_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ManifestError) as error:
        berry_config(".yarnrc.yml", text.encode())
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("catalog:", (("catalog", "ms"), "^2.0.0"), id="the default one"),
        pytest.param("catalog:default", (("catalog", "ms"), "^2.0.0"), id="the default one by its name"),
        pytest.param("catalog:old", (("catalogs", "old", "ms"), "^1.0.0"), id="a named one"),
        pytest.param("catalog:none", None, id="one that is not there"),
    ],
)
def test_catalogs(written: str, expected: object) -> None:
    text = b"catalog:\n  ms: ^2.0.0\ncatalogs:\n  old:\n    ms: ^1.0.0\n"
    assert berry_config(".yarnrc.yml", text).catalog(written, "ms") == expected
