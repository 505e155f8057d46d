"""Where the source of a release is, as registries and people write it."""

from __future__ import annotations

import pytest

from remediators.about import source_among, web_source


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("git+https://github.com/a/b.git", "https://github.com/a/b"),
        ("git://github.com/a/b.git", "https://github.com/a/b"),
        ("http://forge.example/a/b/", "https://forge.example/a/b"),
        ("https://user:secret@forge.example/a/b", "https://forge.example/a/b"),
        ("git@forge.example:a/b/c.git", "https://forge.example/a/b/c"),
        ("ssh://git@forge.example/a/b.git", "https://forge.example/a/b"),
        ("git+ssh://git@forge.example:2222/a/b.git", "https://forge.example:2222/a/b"),
        ("github:a/b", "https://github.com/a/b"),
        ("a/b", "https://github.com/a/b"),
        ("gitlab:a/b", "https://gitlab.com/a/b"),
        ("https://github.com/a/b/tree/main/packages/c", "https://github.com/a/b"),
        ("https://gitlab.example/a/b/-/issues", "https://gitlab.example/a/b"),
        ("https://github.com/a/b#readme", "https://github.com/a/b"),
        ("https://acme.example/", ""),
        ("https://forge.example/a/b)](https://evil.example", ""),
        ("https://forge.example/a/<b>", ""),
        ("https://[::1/a/b", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_the_web_address_of_a_repository(written: str, address: str) -> None:
    assert web_source(written) == address


@pytest.mark.parametrize(
    ("links", "address"),
    [
        pytest.param({"Homepage": "https://acme.example/x/y", "Source": "https://forge.example/a/b"}, "b", id="source"),
        pytest.param({"Source Code": "https://forge.example/a/b"}, "b", id="source code"),
        pytest.param({"homepage": "https://gitlab.example/a/b"}, "b", id="a home page on a forge"),
        pytest.param({"homepage": "https://docs.acme.example/a/b"}, "", id="a home page elsewhere"),
        pytest.param({"Funding": "https://github.com/a/b"}, "", id="another link"),
        pytest.param({}, "", id="none"),
    ],
)
def test_the_source_among_links(links: dict[str, str], address: str) -> None:
    assert source_among(links).rpartition("/")[2] == address
