"""What every command line here has in common: one-line errors, no abbreviations, and the options of the settings."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

USAGE = 2
POLICY_TEXT = "The policy file of a project: check it, describe it, or make it from another bot's."


class Parser(argparse.ArgumentParser):
    """Takes no abbreviations, which a later option would make ambiguous, and says in one line what is wrong."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Leave with exit status 2."""
        self.exit(USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def port(text: str) -> int:
    """A TCP port; 0 takes a free one."""
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535, 0 takes a free one")
    return int(text)


def folder(text: str) -> Path:
    """A folder that exists."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return Path(text)


def settings() -> Parser:
    """The options of every command that reads the configuration."""
    parser = Parser(add_help=False)
    group = parser.add_argument_group("settings", "they win over BOT_* variables and bot.toml: docs/configuration.md")
    group.add_argument("--config", type=Path, metavar="FILE", help="configuration (default: ./bot.toml)")
    group.add_argument("--url", help="GitLab's address (default: $CI_SERVER_URL, or gitlab.com)")
    group.add_argument("--token-file", type=Path, metavar="FILE", help="file that holds the token (or: $GITLAB_TOKEN)")
    group.add_argument("--ca-bundle", type=Path, metavar="FILE", help="certificates to trust")
    group.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://... (default: SQLite)")
    levels = ("debug", "info", "warning", "error")
    group.add_argument("--log-level", choices=levels, help="how much is logged (default: warning; daemon: info)")
    return parser


def policy_commands(
    parser: argparse.ArgumentParser,
    validate: Callable[[argparse.Namespace], int],
    schema: Callable[[argparse.Namespace], int],
    take_over: Callable[[argparse.Namespace], int],
) -> None:
    """The commands of `bot config`; they need no settings and no GitLab."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    checked = add("validate", validate, "Can this policy file be followed? Every problem with its line.")
    checked.add_argument("file", nargs="?", type=Path, default=Path(".remediation.yml"), metavar="FILE")
    add("schema", schema, "Print the JSON Schema of the policy file.")
    other = add("import", take_over, "Print a policy file for what Renovate or Dependabot are told in a project.")
    other.add_argument("folder", nargs="?", type=folder, default=Path(), metavar="DIR", help="default: where you are")
