"""The command line: each command is one function from arguments to an exit status; no logic, imports late."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bot

if TYPE_CHECKING:
    from bot.app import App

OK, FAILED, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 fine, 1 something failed or was missing, 2 usage, 3 a bug, 130 interrupted."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001 -- the last line of defence: it tells a message from a bug
        return _report(error)


def _report(error: Exception) -> int:
    from bot.errors import BotError, ConfigError
    from remediators.api import RemediationError
    from state.errors import StoreError

    if isinstance(error, ConfigError):
        for problem in error.problems:
            print(f"bot: {problem}", file=sys.stderr)
        return USAGE
    if isinstance(error, BotError | StoreError | RemediationError):
        print(f"bot: {error}", file=sys.stderr)
        return FAILED
    from bot.app import report_bug

    report_bug(error)
    return BUG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot", description="Keeps GitLab projects free of vulnerable dependencies.")
    parser.add_argument("--version", action="version", version=f"remediation-bot {bot.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE", help="configuration (default: ./bot.toml)")
    common.add_argument("--url", help="GitLab's address (default: $CI_SERVER_URL, or gitlab.com)")
    common.add_argument("--token-file", type=Path, metavar="FILE", help="file that holds the token (or: $GITLAB_TOKEN)")
    common.add_argument("--ca-bundle", type=Path, metavar="FILE", help="certificates to trust")
    common.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://... (default: SQLite)")
    common.add_argument("--log-level", choices=("debug", "info", "warning", "error"))

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=text, description=text)
        added.set_defaults(command=command)
        return added

    def json_option(to: argparse.ArgumentParser) -> None:
        to.add_argument("--json", action="store_true", help="print one JSON document")

    run = add("run", run_command, "Find, fix and follow in these projects (or --all that the token reaches).")
    run.add_argument("projects", nargs="*", metavar="PROJECT", help="full path or id (default in CI: this project)")
    run.add_argument("--all", action="store_true", help="every project that the token reaches")
    run.add_argument("--dry-run", action="store_true", help="plan only: write nothing to GitLab or the database")
    scan = add("scan", scan_command, "Findings and plan for a folder, without any GitLab.")
    scan.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR")
    scan.add_argument("--advisories", type=Path, metavar="DIR", help="folder of OSV dumps: <Ecosystem>.zip")
    scan.add_argument("--fix", action="store_true", help="edit and relock in place, and prove it")
    scan.add_argument("--outdated", action="store_true", help="with --fix: routine updates as well")
    check = add("check", check_command, "Is everything there: token, GitLab, tools, advisories, database.")
    projects = add("projects", projects_command, "Every project that the token reaches.")
    status = add("status", status_command, "Where the fleet, or one project, stands.")
    status.add_argument("project", nargs="?", metavar="PROJECT")
    add("daemon", daemon_command, "Run over every project on a schedule, until stopped.")
    add("health", health_command, "Whether the daemon on this database sweeps as it should.")
    demo = add("demo", demo_command, "Show the main job on an embedded GitLab with sample projects.")
    demo.add_argument("--serve", action="store_true", help="keep the embedded GitLab running afterwards")
    demo.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    sandbox = add("sandbox", sandbox_command, "Serve an embedded GitLab on 127.0.0.1.")
    sandbox.add_argument("--port", type=int, default=8929)
    sandbox.add_argument("--data", type=Path, metavar="DIR", help="keep its state here (default: in memory)")
    sandbox.add_argument("--token", metavar="T", help="the administrator's token (default: a new one, printed)")
    for command in (run, scan, check, projects, status):
        json_option(command)
    return parser


def _app(arguments: argparse.Namespace, **flags: object) -> App:
    from bot.app import App
    from bot.config import default_file, load

    named = ("url", "token_file", "ca_bundle", "database", "log_level")
    given = {name: getattr(arguments, name) for name in named}
    return App.start(load({**given, **flags}, os.environ, arguments.config or default_file()), os.environ)


def run_command(arguments: argparse.Namespace) -> int:
    """`bot run`."""
    from bot.service import one_shot

    with _app(arguments) as app:
        return one_shot.run(app, arguments.projects, arguments.all, arguments.dry_run, arguments.json)


def scan_command(arguments: argparse.Namespace) -> int:
    """`bot scan`."""
    from bot.service import one_shot

    folder = arguments.advisories
    # Whoever points at a folder has chosen that data: its age is shown, not refused.
    dumps = None if folder is None else {"servers": [], "dumps": [str(folder)], "max_age_days": None}
    with _app(arguments, advisories=dumps) as app:
        return one_shot.scan(app, arguments.folder, arguments.fix, arguments.outdated, arguments.json)


def check_command(arguments: argparse.Namespace) -> int:
    """`bot check`."""
    from bot.service import check

    with _app(arguments) as app:
        return check.run(app, arguments.json)


def projects_command(arguments: argparse.Namespace) -> int:
    """`bot projects`."""
    from bot.service import listing

    with _app(arguments) as app:
        return listing.projects(app, arguments.json)


def status_command(arguments: argparse.Namespace) -> int:
    """`bot status`."""
    from bot.service import listing

    with _app(arguments) as app:
        return listing.status(app, arguments.project, arguments.json)


def daemon_command(arguments: argparse.Namespace) -> int:
    """`bot daemon`."""
    from bot.service import scheduler

    with _app(arguments) as app:
        return scheduler.run(app)


def health_command(arguments: argparse.Namespace) -> int:
    """`bot health`."""
    from bot.service import scheduler

    with _app(arguments) as app:
        return scheduler.health(app)


def demo_command(arguments: argparse.Namespace) -> int:
    """`bot demo`."""
    from bot.service import demo

    return demo.run(arguments.port, arguments.serve)


def sandbox_command(arguments: argparse.Namespace) -> int:
    """`bot sandbox`."""
    from bot.service import demo

    return demo.serve(arguments.port, arguments.data, arguments.token)
