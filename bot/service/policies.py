"""`bot config`: the policy file checked, described, or made from another bot's configuration."""

from __future__ import annotations

import json
from pathlib import Path

from bot.errors import ConfigError
from bot.policy.convert import KNOWN_FILES, convert
from bot.policy.document import PolicyError
from bot.policy.resolve import settings
from bot.policy.schema import schema


def validate(file: Path) -> int:
    """Say that a policy file can be followed. Raises ConfigError with every problem in it."""
    try:
        settings(_bytes(file), str(file))
    except PolicyError as error:
        raise ConfigError(*(f"{error.source}: {problem}" for problem in error.problems)) from error
    print(f"{file}: can be followed")
    return 0


def describe() -> int:
    """Print the JSON Schema of the policy file."""
    print(json.dumps(schema(), indent=2))
    return 0


def take_over(folder: Path) -> int:
    """Print a policy file for what other bots are told in a project. Raises ConfigError when there is nothing."""
    found = {name: _bytes(folder / name) for name in KNOWN_FILES if (folder / name).is_file()}
    try:
        text = convert(found)
    except PolicyError as error:
        raise ConfigError(*(f"{error.source}: {problem}" for problem in error.problems)) from error
    if text is None:
        raise ConfigError(f"{folder}: there is no configuration of Renovate or Dependabot: {', '.join(KNOWN_FILES)}")
    print(text, end="")
    return 0


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
