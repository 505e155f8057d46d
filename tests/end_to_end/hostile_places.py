"""Hostile repositories that name other places to take packages from."""

from __future__ import annotations

from tests.end_to_end.hostile import (
    PIN,
    Case,
    javascript,
    npm,
    package,
    package_lock,
    pinned,
    pyproject,
    uv_lock,
)

ELSEWHERE = (
    Case(
        "index elsewhere",
        pinned("--index-url {listener}/simple"),
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case("extra index elsewhere", pinned("--extra-index-url {listener}/simple")),
    Case("links elsewhere", pinned("--find-links {listener}/")),
    Case(
        "index in the private network",
        pinned("--index-url http://169.254.169.254/latest"),
        r"169\.254\.169\.254:80 is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "index at a name of this machine",
        lambda g: {"requirements.txt": f"-i {g.listener.replace('127.0.0.1', 'localhost')}/simple\n{PIN}"},
        r"localhost:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "uv index elsewhere",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", more=f'[[tool.uv.index]]\nurl = "{g.listener}/simple"\ndefault = true\n'
            ),
            "uv.lock": uv_lock(g),
        },
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "uv lock from elsewhere",
        lambda g: {"pyproject.toml": pyproject("acme"), "uv.lock": uv_lock(g, f"{g.listener}/simple")},
    ),
    Case(
        "uv find-links elsewhere",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", more=f'[tool.uv]\nfind-links = ["{g.listener}/links", "{g.outside}"]\n'
            ),
            "uv.lock": uv_lock(g),
        },
        r"`tool\.uv\.find-links` names '.*', which is outside the repository: name folders of it",
    ),
    Case(
        "uv.toml",
        lambda g: {
            "pyproject.toml": pyproject("acme"),
            "uv.lock": uv_lock(g),
            "uv.toml": f'index-url = "{g.listener}/simple"\n',
        },
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "uv proxy",
        lambda g: {
            "pyproject.toml": pyproject("acme"),
            "uv.lock": uv_lock(g),
            "uv.toml": f'http-proxy = "{g.listener}"\n',
        },
        r"uv\.toml: `http-proxy` would have uv ask another machine than the registry: take it out",
    ),
    Case(
        "uv proxy of a project",
        lambda g: {
            "pyproject.toml": pyproject("acme", more=f'[tool.uv]\nhttps-proxy = "{g.listener}"\n'),
            "uv.lock": uv_lock(g),
        },
        r"`tool\.uv\.https-proxy` would have uv ask another machine than the registry: take it out",
    ),
    Case(
        "pip.conf",
        lambda g: {
            "requirements.txt": PIN,
            "pip.conf": f"[global]\nindex-url = {g.listener}/simple\n",
            "setup.cfg": f"[easy_install]\nindex_url = {g.listener}\n",
        },
    ),
    Case(
        ".npmrc elsewhere",
        lambda g: npm(g, **{".npmrc": f"registry={g.listener}/\n"}),
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "scope elsewhere",
        lambda g: {
            **npm(g),
            "package.json": package({"left": "^1.0.0", "@evil/x": "^1.0.0"}),
            ".npmrc": f"@evil:registry={g.listener}/\n",
        },
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        ".npmrc with programs",
        lambda g: npm(
            g,
            **{
                ".npmrc": f"git={g.outside}/git\nscript-shell=/bin/sh\nnode-options=--require ./evil.js\n"
                f"onload-script=./evil.js\nproxy={g.listener}\nhttps-proxy={g.listener}\ncafile={g.outside}/x\n",
                "evil.js": javascript(g),
            },
        ),
        fixed=("left",),
    ),
    Case(
        "npm lock from elsewhere",
        lambda g: {"package.json": package(), "package-lock.json": package_lock(f"{g.listener}/left-1.0.0.tgz")},
        fixed=("left",),
    ),
    Case(
        "old npm lock from elsewhere",
        lambda g: {"package.json": package(), "package-lock.json": package_lock(f"{g.listener}/left-1.0.0.tgz", 1)},
        fixed=("left",),
    ),
    Case(
        "npm archive elsewhere",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": f"{g.listener}/other.tgz"})},
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "npm repository elsewhere",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": f"git+{g.listener}/other.git"})},
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
    ),
    Case(
        "wheel elsewhere",
        pinned("other @ {listener}/other-1.0-py3-none-any.whl"),
        "a URL requirement has no version to look up; depend on a release",
    ),
    Case(
        "repository that is a command",
        pinned("other @ git+ext::sh% -c% touch% {marker}"),
        "a VCS requirement has no released version; depend on a release",
    ),
    Case(
        "npm repository that is a command",
        lambda g: {
            **npm(g),
            "package.json": package({"left": "^1.0.0", "other": f"git+ssh://-oProxyCommand=touch%20{g.marker}/x"}),
        },
        "other' does not come from a registry and is not handled: check it yourself",
    ),
)
