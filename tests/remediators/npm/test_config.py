import pytest

from remediators.npm.config import npm_config


@pytest.mark.parametrize(
    ("content", "package", "index"),
    [
        pytest.param(None, "a", None, id="no file"),
        pytest.param(b"registry=https://registry.example/npm/", "a", "https://registry.example/npm/", id="registry"),
        pytest.param(
            b'registry = "https://registry.example/"\r\n', "a", "https://registry.example/", id="quoted, CRLF"
        ),
        pytest.param(b"; registry=https://registry.example/", "a", None, id="comment"),
        pytest.param(b"# registry=https://registry.example/", "a", None, id="another comment"),
        pytest.param(b"@s:registry=https://registry.example/s/", "@s/a", "https://registry.example/s/", id="scope"),
        pytest.param(b"@s:registry=https://registry.example/s/", "@t/a", None, id="another scope"),
        pytest.param(
            b"@s:registry=https://registry.example/s/\nregistry=https://registry.example/",
            "@t/a",
            "https://registry.example/",
            id="another scope, with a default",
        ),
        pytest.param(
            b"registry=https://me:secret@registry.example/?t=secret", "a", "https://registry.example/", id="credentials"
        ),
        pytest.param(b"registry=https://${HOST}/", "a", None, id="from the environment"),
        pytest.param(b"registry=file:///etc/passwd", "a", None, id="no registry at all"),
        pytest.param(b"registry=https://[", "a", None, id="no URL"),
        pytest.param(b"\xff\xfe", "a", None, id="not text"),
    ],
)
def test_the_registry_of_a_package(content: bytes | None, package: str, index: str | None) -> None:
    assert npm_config(content).index(package) == index


def test_npm_sees_only_what_changes_the_tree() -> None:
    content = (
        b"legacy-peer-deps=true\n"
        b"registry=https://me:secret@registry.example/\n"
        b"@s:registry=https://registry.example/s/\n"
        b"//registry.example/:_authToken=secret\n"
        b"script-shell=./evil.sh\n"
        b"git=./evil.sh\n"
        b"ignore-scripts=false\n"
        b"https-proxy=https://evil.example/\n"
    )
    assert npm_config(content).visible() == (
        "legacy-peer-deps=true\nregistry=https://registry.example/\n@s:registry=https://registry.example/s/\n"
    )
