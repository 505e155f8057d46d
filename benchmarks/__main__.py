"""`make bench`: what the commands that people wait for cost, on this machine, beside a bare interpreter."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import bot
from benchmarks.measure import Figure, measure, run_once
from bot.sandbox.server import Sandbox
from tests.end_to_end import advisories
from tests.end_to_end.index import serve

BOT = Path(sys.executable).with_name("bot")
PACKAGES = 20
PROJECT = "bench/app"


@contextmanager
def quiet_project(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment of a bot whose one project has 20 dependencies, all of them current."""
    with Sandbox() as sandbox, serve() as index:
        names = [f"package-{number}" for number in range(PACKAGES)]
        for name in names:
            index.add(name, *(f"1.{minor}" for minor in range(40)))
        advisories.write(folder / "advisories", (advisories.record("CVE-2026-1", names[0], "1.5"),))
        token = sandbox.add_token(sandbox.add_user("remediation-bot"))
        sandbox.add_project(
            PROJECT, {"requirements.txt": "".join(f"{n}==1.39\n" for n in names)}, members={"remediation-bot": 30}
        )
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "BOT_URL": sandbox.url,
            "BOT_TOKEN": token,
            "BOT_DATABASE": f"sqlite:///{folder / 'bot.db'}",
            "BOT_CACHE": str(folder / "cache"),
            "BOT_ADVISORIES": json.dumps({"dumps": [str(folder / "advisories")], "max_age_days": None}),
            "BOT_REGISTRIES": json.dumps({"PyPI": {"url": index.url}}),
        }


def figures(folder: Path) -> Iterable[Figure]:
    """Every figure, in the order of the table."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    yield measure("a bare interpreter", [sys.executable, "-c", "pass"], plain, folder)
    yield measure("bot --help", [str(BOT), "--help"], plain, folder)
    with quiet_project(folder) as environ:
        run = [str(BOT), "run", PROJECT]
        run_once(run, environ, folder)
        yield measure(f"bot run, {PACKAGES} dependencies, nothing to do", run, environ, folder)


def main() -> None:
    """Print the table."""
    print(f"remediation-bot {bot.__version__}, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
          f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}")  # fmt: skip
    print(f"{'':48}{'wall s':>8}{'min-max':>12}{'cpu s':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for f in figures(Path(folder)):
            row = f"{f.median('wall'):8.2f}{f.spread('wall'):>12}{f.median('cpu'):8.2f}{f.median('peak'):10.0f}"
            print(f"{f.name:48}{row}", flush=True)


if __name__ == "__main__":
    main()
