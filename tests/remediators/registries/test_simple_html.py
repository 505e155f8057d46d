import time

import pytest

from remediators.registries.simple_html import Link, links

PAGE = "https://registry.example/simple/demo/"
FILE = "https://registry.example/files/demo-1.0.zip"


def found(page: str | bytes, charset: str = "") -> tuple[Link, ...]:
    return tuple(links(page.encode() if isinstance(page, str) else page, PAGE, charset, "1"))


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(f'<a href="{FILE}">demo-1.0.zip</a>', {}, id="absolute"),
        pytest.param("<a href='../../files/demo-1.0.zip'>\n demo-1.0.zip\n</a>", {}, id="relative, single quotes"),
        pytest.param("<A HREF = /files/demo-1.0.zip >demo-1.0.zip</A>", {}, id="no quotes, capitals, spaces"),
        pytest.param('<base href="/files/"><a href="demo-1.0.zip">demo-1.0.zip</a>', {}, id="base"),
        pytest.param(f'<a\nrel="internal"\n\thref="{FILE}"\n>demo-1.0.zip</a>', {"rel": "internal"}, id="lines"),
        pytest.param(f'<a href="{FILE}" data-x="&gt;=3, &lt;4">demo-1.0.zip</a>', {"data-x": ">=3, <4"}, id="escaped"),
        pytest.param(f'<a href="{FILE}" data-x=">=3">demo-1.0.zip</a>', {"data-x": ">=3"}, id="a tag's end in quotes"),
        pytest.param(f'<a data-x href="{FILE}"/>demo-1.0.zip</a>', {"data-x": ""}, id="no value, slash"),
        pytest.param(f'<a data-x="" href="{FILE}">demo-1.0.zip</a>', {"data-x": ""}, id="an empty value"),
        pytest.param(f'<a data-x= href="{FILE}">demo-1.0.zip</a>', None, id="a value forgotten"),
        pytest.param(f'<!-- <a href="x">no</a> --><a href="{FILE}">demo-1.0.zip</a>', {}, id="behind a comment"),
        pytest.param(f'<script>"<a href=x>"</script><a href="{FILE}">demo-1.0.zip</a>', {}, id="behind a script"),
        pytest.param(f'<abbr href="x">no</abbr><a href="{FILE}">demo-1.0.zip</a>', {}, id="another tag"),
        pytest.param(f'<a name="top"></a><a href="{FILE}">demo-1.0.zip<br></a>', {}, id="an anchor that leads nowhere"),
        pytest.param(f'<a href="{FILE}">demo-1.0.zip', {}, id="not closed"),
        pytest.param('<a href="&#47;files/demo&#45;1.0.zip">demo&#45;1.0.zip</a>', {}, id="escaped address and text"),
        pytest.param(f'<a =><a href="{FILE}">demo-1.0.zip</a>', {}, id="behind an equals sign without a name"),
        pytest.param(f'<a href="{FILE}"=x>demo-1.0.zip</a>', {"=x": ""}, id="an equals sign behind a value"),
        pytest.param("<a href='x", None, id="a tag without an end"),
        pytest.param("<!-- <a href='x'>no</a>", None, id="a comment without an end"),
        pytest.param("<script><a href='x'>no</a>", None, id="a script without an end"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_links_as_servers_write_them(page: str, expected: dict[str, str] | None) -> None:
    told = [(link.text, link.url, {k: v for k, v in link.attributes.items() if k != "href"}) for link in found(page)]
    assert told == ([] if expected is None else [("demo-1.0.zip", FILE, expected)])


@pytest.mark.parametrize(
    ("page", "charset", "text"),
    [
        pytest.param("é".encode(), "", "é", id="UTF-8 where nothing is said"),
        pytest.param(b"\xe9", "iso-8859-1", "é", id="Latin-1"),
        pytest.param(b"\xe9", "utf-8", "\N{REPLACEMENT CHARACTER}", id="broken"),
        pytest.param("é".encode(), "punycode", "é", id="one that can be made to burst"),
        pytest.param("é".encode(), "no such", "é", id="unknown"),
    ],
)
def test_characters(page: bytes, charset: str, text: str) -> None:
    assert [link.text for link in found(b"<a href=x>" + page + b"</a>", charset)] == [text]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        pytest.param('<meta name="pypi:repository-version" content="2.0">', r"version 2\.0 of the API", id="version"),
        pytest.param("<a href='//[x'>demo</a>", "Invalid IPv6", id="an address that is none"),
        pytest.param("<a " + "x " * 500_001 + ">", "more than 500,000 attributes", id="attributes"),
    ],
)
def test_what_is_refused(page: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        found(page)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!---->", "<a ", "<a x='", '<a x="', "<a href=x>", "<script>", "<script></script>", "<a/", "</a", "&#"],
)
def test_a_page_takes_time_by_its_length_only(piece: str) -> None:
    page = piece * (200_000 // len(piece))
    begun = time.process_time()
    found(f"{page}<a href=x>{page}")
    # In a time that grows with the square it is minutes.
    assert time.process_time() - begun < 5
