"""Hostile repositories by what their files are: links, ways out of the repository, too much of everything."""

from __future__ import annotations

from tests.end_to_end.hostile import (
    PIN,
    POETRY,
    Case,
    beside,
    npm,
    package,
    pinned,
    pyproject,
    uv_lock,
)

LINKS = (
    Case(
        "manifest linked to a system file",
        lambda g: {},
        "requirements.txt: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"requirements.txt": "/etc/passwd"},
    ),
    Case(
        "manifest linked outside",
        lambda g: {},
        "requirements.txt: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"requirements.txt": f"{g.outside}/requirements.txt"},
    ),
    Case(
        "package.json linked outside",
        lambda g: {},
        "package.json: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"package.json": f"{g.outside}/package.json"},
    ),
    Case(
        "pyproject linked outside",
        lambda g: {},
        "pyproject.toml: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"pyproject.toml": f"{g.outside}/pyproject.toml"},
    ),
    Case(
        "lock linked outside",
        lambda g: {"pyproject.toml": pyproject("acme")},
        "uv.lock: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"uv.lock": f"{g.outside}/uv.lock"},
    ),
    Case(
        "npm lock linked outside",
        lambda g: {"package.json": package()},
        "package-lock.json: is a symlink, which is not followed: name the file itself",
        links=lambda g: {"package-lock.json": f"{g.outside}/x"},
    ),
    Case(
        ".npmrc linked outside",
        npm,
        r"\.npmrc: is a symlink, which is not followed: name the file itself",
        links=lambda g: {".npmrc": f"{g.outside}/npmrc"},
    ),
    Case(
        "folder linked outside",
        pinned("-r sub/requirements.txt"),
        r"includes \S*sub/requirements\.txt, which does not exist; add it",
        links=lambda g: {"sub": g.outside},
    ),
    Case(
        "policy linked outside",
        beside(),
        r"\.remediation\.yml: is a symlink, which is not followed: name the file itself",
        links=lambda g: {".remediation.yml": f"{g.outside}/requirements.txt"},
    ),
)

INCLUDES = (
    Case(
        "include above",
        pinned("-r ../../../outside/requirements.txt"),
        "which is outside the repository; include a file of it",
    ),
    Case(
        "include by absolute path",
        pinned("-r {outside}/requirements.txt"),
        "which is outside the repository; include a file of it",
    ),
    Case(
        "constraint above",
        pinned("-c ../outside/requirements.txt"),
        "which is outside the repository; include a file of it",
    ),
    Case(
        "include by file URL", pinned("-r file://{outside}/requirements.txt"), "includes a URL; include a file instead"
    ),
    Case("include by URL", pinned("-r {listener}/requirements.txt"), "includes a URL; include a file instead"),
    Case("include of itself", pinned("-r requirements.txt")),
    Case("includes in a circle", pinned("-r a.txt", **{"a.txt": "-r b.txt\n", "b.txt": "-r a.txt\n"})),
    Case(
        "editable above",
        pinned("-e ../outside"),
        "an editable requirement has no released version; depend on a release",
    ),
    Case(
        "folder above",
        pinned("other @ file://{outside}"),
        "a URL requirement has no version to look up; depend on a release",
    ),
    Case(
        "uv workspace above",
        lambda g: {
            "pyproject.toml": pyproject("acme", more='[tool.uv.workspace]\nmembers = ["../../*"]\n'),
            "uv.lock": uv_lock(g),
        },
        r"`tool\.uv\.workspace\.members` names '\.\./\.\./\*', which is outside the repository: name folders of it",
    ),
    Case(
        "uv source above",
        lambda g: {
            "pyproject.toml": pyproject(
                "acme", "other", more=f'[tool.uv.sources]\nother = {{ path = "{g.outside}" }}\n'
            )
        },
        "takes other from Git, a URL or a folder, which has no released version; depend on a release",
    ),
    Case(
        "npm workspace above",
        lambda g: {**npm(g), "package.json": package(workspaces=["../../*", g.outside])},
        r"`workspaces` names '\.\./\.\./\*', which is outside the repository: name folders of it",
    ),
    Case(
        "npm folder above",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": f"file:{g.outside}"})},
        "is outside the repository: name folders of it",
    ),
    Case(
        "poetry path above",
        lambda g: {"pyproject.toml": f'{POETRY}other = {{ path = "{g.outside}" }}\n'},
        "other comes from a folder or a file, which has no released version; depend on a release",
    ),
)

BOMBS = (
    Case(
        "huge manifest",
        lambda g: {"requirements.txt": PIN + "# x\n" * 8_000_000},
        "32,000,010 bytes are over the limit of 16,777,216: make it smaller",
    ),
    Case(
        "huge line",
        lambda g: {"requirements.txt": PIN + "x" * 400_000},
        "its name is 400,000 characters long, which no package's is; correct it",
    ),
    Case(
        "deep JSON",
        lambda g: {"requirements.txt": PIN, "package.json": "[" * 200_000},
        "values are nested over 200 deep: repair the file",
    ),
    Case(
        "deep npm lock",
        lambda g: {"package.json": package(), "package-lock.json": '{"packages":' * 100_000},
        "values are nested over 200 deep: repair the file",
    ),
    Case("deep TOML", lambda g: {"pyproject.toml": "x = " + "[" * 20_000}, "its values nest too deeply; correct it"),
    Case(
        "deep dotted key",
        lambda g: {"pyproject.toml": pyproject("acme", more=f"[{'.'.join('a' * 50_000)}]\n")},
        "its values nest too deeply; correct it",
    ),
    Case(
        "deep uv lock",
        lambda g: {"pyproject.toml": pyproject("acme"), "uv.lock": "x = " + "{a=" * 50_000},
        "its values nest too deeply; correct it",
    ),
    Case(
        "deep yarn lock",
        lambda g: {
            "package.json": package(),
            "yarn.lock": "# yarn lockfile v1\n" + "\n".join(" " * n + "a:" for n in range(3000)),
        },
        "is not what yarn writes: run yarn install",
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
        "anchors and aliases are not read: write the value out",
    ),
    Case(
        "YAML that calls",
        lambda g: {
            "requirements.txt": PIN,
            ".remediation.yml": f"ignore: !!python/object/apply:os.system ['touch {g.marker}']\n",
        },
        "os.system is not read: write the plain value",
    ),
    Case(
        "long specifier",
        lambda g: {"requirements.txt": PIN + "other" + "".join(f">={n}," for n in range(20_000)) + "<9\n"},
    ),
    Case(
        "brackets",
        lambda g: {"requirements.txt": PIN + "other ; " + "(" * 20_000 + "\n"},
        "its marker is nested too deeply.; correct it",
    ),
    Case(
        "version without end",
        lambda g: {"requirements.txt": PIN + "other==" + "1" * 100_000 + "\n"},
        "line 2 of requirements.txt: its version specifier cannot be told apart; write it as NAME==VERSION",
    ),
    Case(
        "spaces for a regex",
        lambda g: {"requirements.txt": PIN + "other" + " \t" * 100_000 + "!\n"},
        "it is not a valid requirement .*; correct it",
    ),
    Case(
        "long npm range",
        lambda g: {**npm(g), "package.json": package({"left": "^1.0.0", "other": ">=1.0.0 || " * 20_000 + "x"})},
        r"'other': '>=1\.0\.0 .* is neither a range nor a dist-tag: correct it",
    ),
    Case(
        "zeros and bytes",
        lambda g: {"requirements.txt": b"acme==1.0\n\x00\xff\xfe\n"},
        r"is not UTF-8 text \(byte 11\); save it as UTF-8",
    ),
)
