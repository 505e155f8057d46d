"""The token is in no file, log line, error, argument list or tool environment during a real run."""

from __future__ import annotations

import base64
import os
import shutil
import threading
from pathlib import Path

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

SHIM = """\
#!/bin/sh
# Writes down how {name} was called, and calls it.
{{ printf '%s\\n' "$@"; }} >> "{log}/{name}.argv"
tr '\\0' '\\n' < /proc/$$/environ >> "{log}/{name}.environ"
exec "{real}" "$@"
"""


GIT_AND_ITS_SHIMS = ("git", "env ", "sh ", "tr ")


class Watch(threading.Thread):
    """Reads the arguments and environment of every process there is, again and again, while a run lasts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, bytes] = {}
        self._done = threading.Event()

    def run(self) -> None:
        own = os.getpid()
        while not self._done.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                if int(process.name) != own:
                    self._read(process)

    def _read(self, process: Path) -> None:
        try:
            argv = (process / "cmdline").read_bytes()
            environ = (process / "environ").read_bytes()
        except OSError:
            return
        name = Path(argv.split(b"\0")[0].decode(errors="replace")).name
        # A process that is just being replaced by another program has no arguments yet: the next look has them.
        if not name:
            return
        self.seen[f"{name} {process.name} argv"] = argv
        self.seen[f"{name} {process.name} environ"] = environ

    def stop(self) -> None:
        self._done.set()
        self.join()


def shimmed(folder: Path, *names: str) -> str:
    """A PATH on which these programs write down how they are called; the notes are in `folder`/log."""
    log, shims = folder / "log", folder / "shims"
    log.mkdir(parents=True)
    shims.mkdir()
    for name in names:
        real = shutil.which(name)
        assert real is not None
        (shims / name).write_text(SHIM.format(name=name, log=log, real=real))
        (shims / name).chmod(0o755)
    return f"{shims}{os.pathsep}{os.environ['PATH']}"


def forms(token: str) -> list[bytes]:
    """The token, and what basic authentication makes of it."""
    encoded = base64.b64encode(f"oauth2:{token}".encode())
    return [token.encode(), encoded]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look into other processes")
def test_the_token_is_nowhere_during_a_real_run(fleet: Fleet) -> None:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project("group/app", {"requirements.txt": "acme==1.0\n"})
    fleet.project("group/refused", {"requirements.txt": "acme==1.0\n"})
    fleet.sandbox.faults.add(Fault(method="POST", path="*/group/refused*", status=500, count=None))
    # The token comes from a file, so that the bot's own environment is clean as well.
    del fleet.environ["BOT_TOKEN"]
    aside = fleet.folder.parent / f"{fleet.folder.name}-aside"
    fleet.environ["PATH"] = shimmed(aside, "git", "env")
    secret = aside / "token"
    secret.write_text(fleet.token)
    watch = Watch()
    watch.start()
    ended = fleet.bot("run", "--all", "--token-file", str(secret))
    watch.stop()

    assert len(fleet.merge_requests("group/app")) == 1
    called = {file.name: file.read_bytes() for file in (aside / "log").iterdir()}
    assert called.keys() == {"git.argv", "git.environ", "env.argv", "env.environ"}
    files = [f for f in fleet.folder.rglob("*") if f.is_file() and not f.is_symlink()]
    assert len(files) > 5
    for form in forms(fleet.token):
        assert form not in (ended.out + ended.err).encode()
        assert form not in called["git.argv"] + called["env.argv"]
        assert [place for place, text in watch.seen.items() if form in text and place.endswith(" argv")] == []
        # git is handed the header in its environment: the one place that is neither disk nor argument list.
        tools = {place: text for place, text in watch.seen.items() if not place.startswith(GIT_AND_ITS_SHIMS)}
        assert [place for place, text in tools.items() if form in text] == []
        assert [f for f in files if form in f.read_bytes()] == []
