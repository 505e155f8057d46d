"""The lockfiles of JavaScript's package managers, each with a project."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from tests.end_to_end.lockfiles import Kind, Pair, Place

NPM = Pair("npm", ("minimist", "1.2.5", "1.2.6"), ("brace-expansion", "1.1.11", "1.1.12"), ("minimatch", "3.1.2"))
CLASSIC = ("yarn@1.22.22", "--ignore-scripts", "--no-bin-links", "--non-interactive")
BERRY = ("@yarnpkg/cli-dist@4.13.0", "--mode=update-lockfile")


def _package_json(**more: object) -> str:
    names = dict((NPM.direct[:2], NPM.parent))
    return json.dumps({"name": "app", "private": True, "dependencies": names, **more}, indent=2) + "\n"


def _own_npm(place: Place, direct: str, transitive: str) -> None:
    place.npm("install", f"{NPM.direct[0]}@{direct}", "--save-exact")
    place.npm("update", NPM.transitive[0])


def _own_classic(place: Place, direct: str, transitive: str) -> None:
    """Yarn 1 has no command for a transitive package; people take its entry out and install."""
    lockfile = place.folder / "yarn.lock"
    for name in (NPM.direct[0], NPM.transitive[0]):
        lockfile.write_text(re.sub(rf"^{name}@(?:.|\n)*?\n\n", "", lockfile.read_text(), flags=re.MULTILINE))
    place.yarn(CLASSIC[0], "install", *CLASSIC[1:])


def _install_classic(place: Place) -> None:
    place.yarn(CLASSIC[0], "install", *CLASSIC[1:])


def _lock_classic(place: Place) -> None:
    _install_classic(place)
    name, old, _ = NPM.transitive
    lockfile = place.folder / "yarn.lock"
    lockfile.write_text(lockfile.read_text().replace(f"{name}@{old}, {name}@", f"{name}@"))


def _install_berry(place: Place) -> None:
    place.write({"yarn.lock": ""})
    place.yarn(BERRY[0], "install", BERRY[1])


def _lock_berry(place: Place) -> None:
    _install_berry(place)
    name, old, _ = NPM.transitive
    place.yarn(BERRY[0], "set", "resolution", f"{name}@npm:^1.1.7", f"npm:{old}")


def _own_berry(place: Place, direct: str, transitive: str) -> None:
    place.yarn(BERRY[0], "install", BERRY[1])
    place.yarn(BERRY[0], "up", "-R", NPM.transitive[0], BERRY[1])


def _pnpm(major: str) -> tuple[Callable[[Place], None], Callable[[Place, str, str], None]]:
    def lock(place: Place) -> None:
        place.pnpm(major, "install", "--no-frozen-lockfile")

    def own(place: Place, direct: str, transitive: str) -> None:
        # `pnpm update` leaves a transitive package where it is; people put an override in, and out again.
        manifest = (place.folder / "package.json").read_bytes()
        place.write({"package.json": json.dumps({**json.loads(manifest), **_overridden(transitive)})})
        lock(place)
        place.write({"package.json": manifest})
        lock(place)

    return lock, own


def _overridden(version: str) -> Mapping[str, object]:
    return {"pnpm": {"overrides": {NPM.transitive[0]: version}}}


def _shrinkwrapped(run: Callable[..., None]) -> Callable[..., None]:
    """npm writes npm-shrinkwrap.json where there is one."""

    def shrinkwrapped(place: Place, *to: str) -> None:
        run(place, *to)
        if (lock := place.folder / "package-lock.json").exists():
            lock.rename(place.folder / "npm-shrinkwrap.json")

    return shrinkwrapped


def _npm(place: Place) -> None:
    place.npm("install")


_JS, _OLD = _package_json(), NPM.transitive[1]
_IN_RESOLUTIONS = _package_json(resolutions={NPM.transitive[0]: _OLD})
_IN_OVERRIDES = _package_json(overrides={NPM.transitive[0]: _OLD})
_IN_PNPM = _package_json(**_overridden(_OLD))

KINDS = (
    Kind("package-lock.json", NPM, "package.json", _JS, _IN_OVERRIDES, "package-lock.json", _npm, _own_npm),
    Kind(
        "npm-shrinkwrap.json",
        NPM,
        "package.json",
        _JS,
        _IN_OVERRIDES,
        "npm-shrinkwrap.json",
        _shrinkwrapped(_npm),
        _shrinkwrapped(_own_npm),
    ),
    Kind("yarn classic", NPM, "package.json", _JS, _IN_RESOLUTIONS, "yarn.lock", _lock_classic, _own_classic),
    Kind("yarn berry", NPM, "package.json", _JS, _JS, "yarn.lock", _lock_berry, _own_berry),
    Kind("pnpm lockfile 6.0", NPM, "package.json", _JS, _IN_PNPM, "pnpm-lock.yaml", *_pnpm("8")),
    Kind("pnpm lockfile 9.0", NPM, "package.json", _JS, _IN_PNPM, "pnpm-lock.yaml", *_pnpm("10")),
)

EXPRESS = "4.17.1"
"""It pins `qs` and `path-to-regexp` at vulnerable versions."""

HELD = {"qs": "6.14.2", "path-to-regexp": "0.1.13"}
OPTIMIST = "0.6.1"
"""Its last release, whose range of `minimist` admits no fixed one."""


def needing(package: str, version: str) -> str:
    """A package.json with one dependency."""
    return json.dumps({"name": "app", "private": True, "dependencies": {package: version}}, indent=2) + "\n"


INSTALLS = {
    "package-lock.json": ("package-lock.json", _npm),
    "yarn classic": ("yarn.lock", _install_classic),
    "yarn berry": ("yarn.lock", _install_berry),
    "pnpm lockfile 9.0": ("pnpm-lock.yaml", _pnpm("10")[0]),
}
