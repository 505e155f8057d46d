"""Inputs that once made a parser fail in a way of its own, with their siblings, and what becomes of them."""

import time

import pytest

from benchmarks.fuzz.targets import TARGETS

# Alone on a machine they take less than one; tests share theirs.
SECONDS = 5.0

NUMBER = b"1" * 5000  # Python refuses to convert more than 4,300 digits.
UV_LOCK = b'version = 1\n[[package]]\nname = "%s"\nversion = "1"\nsource = { registry = "https://registry.example" }\n'
PATTERNS = b",".join(b'"a%d"' % number for number in range(5000))
MANY = b'{"packageRules": [{"matchPackageNames": [%s], "matchPaths": [%s], "enabled": false}]}' % (PATTERNS, PATTERNS)
HTML = b'<html><head>%s</head><body><a href="%s" data-upload-time="%s">app-1.0.tar.gz</a></body></html>'
METADATA = b'[metadata]\n%sversion = "4.5.0"\nlock-version = "2.0"\ncontent-hash = "abc"\n'
TIME = b"0001-01-01T00:00:00+23:00"  # No moment of UTC's calendar.


@pytest.mark.parametrize(
    ("target", "data", "outcome"),
    [
        pytest.param("uv-pyproject.toml", b"a = " + NUMBER, "is not valid TOML", id="a-number-in-toml"),
        pytest.param(
            "script-script.py", b"# /// script\n# a = " + NUMBER + b"\n# ///\n", "not valid TOML", id="in-a-script"
        ),
        pytest.param("policy-renovate", b'{"a": ' + NUMBER + b"}", "too long", id="a-number-in-json"),
        pytest.param("requirements-requirements.txt", b"app==" + NUMBER, "1", id="a-number-in-a-requirement"),
        pytest.param(
            "pylock-pylock.toml", b'[[packages]]\nname = "a"\nversion = "%s"' % NUMBER, "1", id="in-a-version"
        ),
        pytest.param("pylock-pylock.toml", b"packages = []\n", "1", id="no-package-in-a-lockfile"),
        pytest.param("poetry-poetry.lock", b"package = []\n" + METADATA % b"", "1", id="no-package-in-poetrys"),
        pytest.param("pdm-pdm.lock", b"package = []\n" + METADATA % b"lock_", "1", id="no-package-in-pdms"),
        pytest.param("versions-python", NUMBER + b"\n>=1", "False", id="a-version-too-long"),
        pytest.param("versions-python", b">=3\n>=" + NUMBER, "False", id="a-range-too-long"),
        pytest.param("versions-node", b"99999999999999999999.0.0\n>=1", "False", id="a-number-too-large-for-node"),
        pytest.param(
            "versions-node",
            b"1.0.1\n^1" + b"5" * 22 + b"\x1e" * 183 + b"\x00555|||+x>",
            "True",
            id="a-range-of-controls",
        ),
        pytest.param("versions-node", b"1.1.3\n^1.1.3" + b" " * 300 + b".1", "True", id="a-range-of-spaces"),
        pytest.param("versions-node", b"1.0.0" + b"a" * 251 + b"\n>=1", "True", id="a-prerelease-that-grows"),
        pytest.param("uv-uv.lock", UV_LOCK % b"setup(pp", "1", id="a-name-that-is-a-pattern"),
        pytest.param("uv-uv.lock", UV_LOCK % b"(a+)+$", "1", id="a-name-that-is-a-slow-pattern"),
        pytest.param("pipenv-Pipfile", b"[packages]\napp = nan\ncore = '>=1'\n", "1", id="not-a-number-in-toml"),
        pytest.param("index-html", HTML % (b"", b"http://[", b""), "cannot be read", id="an-address-that-is-none"),
        pytest.param(
            "index-html",
            HTML % (b'<meta name="pypi:repository-version" content="x">', b"app", b""),
            "cannot be read",
            id="a-protocol-that-is-none",
        ),
        pytest.param("index-html", HTML % (b"", b"app", TIME), "1", id="a-time-before-the-calendar"),
        pytest.param(
            "index-html", HTML.replace(b"1.0", NUMBER) % (b"", b"app", b""), "lists no file", id="a-file-name"
        ),
        pytest.param("index-json", b"[" * 100_000, "cannot be read", id="deep-json-of-an-index"),
        pytest.param(
            "index-npm",
            b'{"versions": {"1.0.0": {"version": "", "dist": 1}}, "time": {"1.0.0": "%s"}}' % TIME,
            "1",
            id="npm's-time",
        ),
        pytest.param(
            "index-html",
            f'<a href="x">app-1.0-{"a." * 2000}a-{"b." * 2000}b-{"c." * 2000}c.whl</a>'.encode(),
            "lists no file",
            id="the-tags-of-a-wheel",
        ),
        pytest.param("index-html", b"<a>" * 250_001, "has 250,001 lines, values", id="a-page-of-tags"),
        pytest.param("pnpm-pnpm-workspace.yaml", b'{\n  "overrides"}', "1", id="a-yaml-key-of-nothing"),
        pytest.param("pnpm-pnpm-workspace.yaml", b"? overrides\n", "1", id="a-yaml-key-after-a-mark"),
        pytest.param("policy-renovate", MANY, "more than 500 exceptions", id="names-times-paths"),
        pytest.param(
            "policy-dependabot",
            b"updates:\n- schedule: {interval: [a]}\n",
            "not taken over",
            id="a-list-for-an-interval",
        ),
    ],
)
def test_it_is_read_or_refused(target: str, data: bytes, outcome: str) -> None:
    begun = time.process_time()
    assert outcome in TARGETS[target].take(data)
    assert time.process_time() - begun < SECONDS
