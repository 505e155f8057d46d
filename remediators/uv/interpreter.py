"""A Python for uv that says it is of any version, and runs nothing.

uv wants an interpreter that `requires-python` admits before it locks anything. With `--no-build` it runs nothing
with it and only asks for its markers, which a universal lock does not depend on. So a script stands in: it asks
the Python at hand what uv asks, and answers with another version. Without it, a bot on one Python could not fix
a project that asks for a newer or an older one. It names an executable that is not there: uv then cannot make
an environment to build anything in (`Failed to identify base Python interpreter`), be it isolated or not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from remediators.aside import unused
from remediators.uv.project import UvProject

_NAME = ".python-stand-in"
_SCRIPT = """\
#!/usr/bin/env python3
import json, subprocess, sys
if "get_interpreter_info" not in " ".join(sys.argv):
    sys.exit("nothing runs here")
said = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE)
if said.returncode:
    sys.exit(said.returncode)
told = json.loads(said.stdout)
if "markers" in told:
    told.update(sys_executable="/nowhere/python", sys_base_executable="/nowhere/python")
    told["markers"].update(python_full_version="{full}", python_version="{short}", implementation_version="{full}")
json.dump(told, sys.stdout)
"""
_OWN = Version(".".join(map(str, sys.version_info[:3])))
_PYTHONS = tuple(Version(f"3.{minor}.{patch}") for minor in range(7, 31) for patch in range(31))


@contextmanager
def interpreter(project: UvProject, folder: Path, *, always: bool) -> Iterator[list[str]]:
    """The arguments that name uv an interpreter; unless `always`, none where the one that it finds will do.

    It is gone afterwards.
    """
    wanted = stand_in_version(project) or (_OWN if always else None)
    if wanted is None:
        yield []
        return
    with powerless(folder, wanted) as python:
        yield python


@contextmanager
def powerless(folder: Path, version: Version = _OWN) -> Iterator[list[str]]:
    """The arguments that name uv an interpreter of that version which runs nothing; it is gone afterwards."""
    script = unused(folder, _NAME)
    script.write_text(_SCRIPT.format(full=version, short=f"{version.major}.{version.minor}"))
    script.chmod(0o755)
    try:
        yield ["--python", f"./{script.name}"]
    finally:
        script.unlink()


def stand_in_version(project: UvProject, own: Version = _OWN) -> Version | None:
    """The lowest Python that a project admits; None where `own`, the bot's, is as good.

    A project that names none is locked for the Python that its author had: it stays so.
    """
    written = [document.table("project").get("requires-python") for document in project.documents.values()]
    promised = ",".join(text for text in written if isinstance(text, str))
    try:
        admitted = SpecifierSet(promised or project.lock.requires_python)
    except InvalidSpecifier:
        return None
    lowest = next(admitted.filter(_PYTHONS), None) if len(admitted) else None
    if lowest is None:
        return None
    fits = own in admitted if promised else (own.major, own.minor) == (lowest.major, lowest.minor)
    return None if fits else lowest
