"""The command line: each command is one function from arguments to an exit status; no logic, imports late."""

from __future__ import annotations

import argparse
import io
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bot
from bot.arguments import POLICY_TEXT, USAGE, Parser, folder, policy_commands, port, settings

if TYPE_CHECKING:
    from bot.app import App

OK, FAILED, BUG, INTERRUPTED = 0, 1, 3, 130
Command = Callable[[argparse.Namespace], int]

EXIT_STATUS = """\
exit status:
  0    fine; findings alone are no failure
  1    a project failed, or data was missing: not everything could be judged
  2    wrong usage or configuration
  3    a bug in the bot, with a traceback
  130  interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 fine, 1 something failed or was missing, 2 usage, 3 a bug, 130 interrupted."""
    _prepare_streams()
    status = OK
    try:
        status = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # Whoever read our output has had enough; Python itself would try to flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def _prepare_streams() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by whoever started us (`2>&-`): the next file to be opened must not take its place.
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 -- for as long as we live
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A character that the terminal's encoding lacks is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        command: Command = arguments.command
        return command(arguments)
    except SystemExit as done:  # argparse, after --help or a usage error
        return int(done.code or OK)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 -- the last line of defence: it tells a message from a bug
        return _report(error)


def _interrupted() -> int:
    if threading.active_count() > 1:
        # Interrupted again while projects are at hand: Python would wait for their threads.
        os._exit(INTERRUPTED)
    return INTERRUPTED


def _report(error: Exception) -> int:
    from bot.errors import BotError, ConfigError
    from bot.terminal import safe
    from remediators.errors import RemediationError
    from state.errors import StoreError

    if isinstance(error, ConfigError):
        for problem in error.problems:
            print(f"bot: {safe(problem)}", file=sys.stderr)
        return USAGE
    if isinstance(error, BotError | StoreError | RemediationError):
        print(f"bot: {safe(str(error))}", file=sys.stderr)
        return FAILED
    from bot.logs import report_bug

    report_bug(error)
    return BUG


def _parser() -> Parser:
    parser = Parser(
        prog="bot",
        description="Keeps GitLab projects free of vulnerable and outdated dependencies, with proven fixes.",
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"remediation-bot {bot.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    common = settings()

    def add(name: str, command: Command, text: str, configured: bool = True) -> Parser:
        added = commands.add_parser(name, parents=[common] if configured else [], help=text, description=text)
        added.set_defaults(command=command)
        return added

    run = add("run", run_command, "Find, fix and follow: the main job, for some projects or --all.")
    run.add_argument("projects", nargs="*", metavar="PROJECT", help="full path or id (default in GitLab CI: its own)")
    run.add_argument("--all", action="store_true", help="every project that the token reaches")
    run.add_argument("--dry-run", action="store_true", help="plan only: write nothing to GitLab or the database")
    scan = add("scan", scan_command, "Findings and plan for a folder, without any GitLab.")
    scan.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="default: where you are")
    scan.add_argument("--advisories", type=folder, metavar="DIR", help="folder of OSV dumps: <Ecosystem>.zip")
    scan.add_argument("--fix", action="store_true", help="edit and relock in place, and prove it")
    scan.add_argument("--outdated", action="store_true", help="with --fix: routine updates as well")
    check = add("check", check_command, "Is everything there: token, GitLab, tools, advisories, database?")
    projects = add("projects", projects_command, "Every project that the token reaches, and why one is left out.")
    status = add("status", status_command, "Where the fleet, or one project, stands; asks GitLab nothing.")
    status.add_argument("project", nargs="?", metavar="PROJECT", help="full path (default: the fleet)")
    add("daemon", daemon_command, "The main job for every project, on a schedule, until stopped.")
    add("health", health_command, "Does the daemon on this database sweep as it should?")
    policy = commands.add_parser("config", help=POLICY_TEXT, description=POLICY_TEXT)
    policy_commands(policy, validate_command, schema_command, import_command)
    demo = add("demo", demo_command, "Show the main job on an embedded GitLab with sample projects.", configured=False)
    demo.add_argument("--serve", action="store_true", help="keep the embedded GitLab running afterwards")
    demo.add_argument("--port", type=port, default=0, help="port on 127.0.0.1 (default: any free one)")
    sandbox = add("sandbox", sandbox_command, "Serve an embedded GitLab on 127.0.0.1.", configured=False)
    sandbox.add_argument("--port", type=port, default=8929, help="default: %(default)s; 0 takes a free one")
    sandbox.add_argument("--data", type=Path, metavar="DIR", help="keep its state here (default: in memory)")
    sandbox.add_argument("--token", metavar="T", help="the administrator's token (default: a new one, printed)")
    for command in (run, scan, check, projects, status):
        command.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _app(arguments: argparse.Namespace, log_level: str = "warning", **flags: object) -> App:
    from bot.app import App
    from bot.config import default_file, load

    named = ("url", "token_file", "ca_bundle", "database", "log_level")
    given = {name: getattr(arguments, name) for name in named}
    config = load({**given, **flags}, os.environ, arguments.config or default_file())
    return App.start(config, os.environ, log_level)


def run_command(arguments: argparse.Namespace) -> int:
    """`bot run`."""
    from bot.service import one_shot

    with _app(arguments) as app:
        return one_shot.run(app, arguments.projects, arguments.all, arguments.dry_run, arguments.json)


def scan_command(arguments: argparse.Namespace) -> int:
    """`bot scan`."""
    from bot.service import folder

    given = arguments.advisories
    # Whoever points at a folder has chosen that data: its age is shown, not refused.
    dumps = None if given is None else {"servers": [], "dumps": [str(given)], "max_age_days": None}
    with _app(arguments, advisories=dumps) as app:
        return folder.scan(app, arguments.folder, arguments.fix, arguments.outdated, arguments.json)


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
        app.makes_database = False
        return listing.status(app, arguments.project, arguments.json)


def daemon_command(arguments: argparse.Namespace) -> int:
    """`bot daemon`."""
    from bot.service import scheduler

    # Its log is all that a daemon has to say.
    with _app(arguments, log_level="info") as app:
        return scheduler.run(app)


def health_command(arguments: argparse.Namespace) -> int:
    """`bot health`."""
    from bot.service import scheduler

    with _app(arguments) as app:
        app.makes_database = False
        return scheduler.health(app)


def validate_command(arguments: argparse.Namespace) -> int:
    """`bot config validate`."""
    from bot.service import policies

    return policies.validate(arguments.file)


def schema_command(arguments: argparse.Namespace) -> int:
    """`bot config schema`."""
    from bot.service import policies

    return policies.describe()


def import_command(arguments: argparse.Namespace) -> int:
    """`bot config import`."""
    from bot.service import policies

    return policies.take_over(arguments.folder)


def demo_command(arguments: argparse.Namespace) -> int:
    """`bot demo`."""
    from bot.service import demo

    return demo.run(arguments.port, arguments.serve)


def sandbox_command(arguments: argparse.Namespace) -> int:
    """`bot sandbox`."""
    from bot.service import demo

    return demo.serve(arguments.port, arguments.data, arguments.token)
