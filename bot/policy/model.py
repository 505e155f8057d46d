"""The policy of a project: what is fixed, how, when, and how much at once. A value; nothing here reads a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from bot.policy.window import Schedule
from state.model import Severity

# Days, hours or minutes: what no clock overflows on.
LONGEST = 1_000_000

STEPS = ("patch", "minor", "major")
KINDS = (*STEPS, "security")


def listed(value: object) -> object:
    """An environment variable gives a list as words between commas."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return tuple(value) if isinstance(value, list) else value


def _for_every_kind(value: object) -> object:
    """One number stands for all kinds of update."""
    if isinstance(value, Mapping | Cooldown):
        return value
    try:
        days = float(str(value))
    except ValueError:
        days = -1
    # Not a number is not in any range, either.
    if isinstance(value, bool) or not 0 <= days <= LONGEST:
        raise ValueError(f"Input should be a number of days from 0 to {LONGEST}, or one for each of {', '.join(KINDS)}")
    return dict.fromkeys(KINDS, days)


_WORD = r"^[^\x00-\x1f\x7f,]+$"
_USERNAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$"
# What git accepts as a branch name, as far as a pattern can tell.
_BRANCH = r"^[^\x00-\x20\x7f~^:?*\[\\/.-][^\x00-\x20\x7f~^:?*\[\\]*$"
_MEANT: Mapping[str, str] = {
    _WORD: "Input should be words on one line, without a comma",
    _USERNAME: "Input should be a user name, without @",
    _BRANCH: "Input should be the name of a branch",
}


def wrong(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, in words; `error` is one of pydantic's."""
    message = str(error["msg"]).removeprefix("Value error, ")
    return _MEANT.get(str(error.get("ctx", {}).get("pattern")), message)


# Words, as a name or a label: what GitLab shows on one line.
Word = Annotated[str, Field(min_length=1, max_length=255, pattern=_WORD)]
Words = Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=tuple[str, ...])]
Labels = Annotated[tuple[Word, ...], BeforeValidator(listed, json_schema_input_type=tuple[Word, ...])]
Glob = Annotated[str, Field(min_length=1, max_length=500)]


def _understood(value: str) -> str:
    """A range that an ecosystem understands: which one a package is of is known where it is used."""
    from remediators.registered import ecosystems  # most policies name no range, and version libraries take time

    known = ecosystems()
    if not any(known.versions(name).readable(value) for name in known.names()):
        raise ValueError(
            f"{value[:80]!r} is no range that {' or '.join(known.names())} understands: write it as in a manifest, "
            'such as ">=4.2,<5" for Python or "^4.2 || ^5" for JavaScript'
        )
    return value


Range = Annotated[str, Field(max_length=1000), AfterValidator(_understood)]
Days = Annotated[float, Field(ge=0, le=LONGEST)]
Username = Annotated[str, Field(pattern=_USERNAME)]
Mode = Literal["auto", "manual"]
Ends = Literal["known_exploited", "worse", "critical", "high", "medium", "low"]
Branch = Annotated[str, Field(max_length=255, pattern=_BRANCH)]


class Section(BaseModel):
    """A part of the policy: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cooldown(Section):
    """How many days old a release must be, by the step that it is, and for fixes of vulnerabilities."""

    patch: Days = 3
    minor: Days = 3
    major: Days = 3
    security: Days = 3

    def of(self, kind: str) -> timedelta:
        """The cooldown of a step, or of "security"."""
        return timedelta(days=float(getattr(self, kind or "patch")))


class Updates(Section):
    """Which routine updates are proposed, and how far the fix of a vulnerability may go."""

    patch: bool = True
    minor: bool = True
    major: bool = True
    security: Literal["none", "patch", "minor", "major"] = "major"

    @property
    def steps(self) -> frozenset[str]:
        """The steps that routine updates may be."""
        return frozenset(step for step in STEPS if getattr(self, step))

    @property
    def fixes(self) -> frozenset[str]:
        """The steps that a fix may be."""
        return frozenset(() if self.security == "none" else STEPS[: STEPS.index(self.security) + 1])


UNLESS = "when it does not hold: attacks, a worse rating than when it was accepted, or one, as of now, that is as bad"


class Ignore(Section):
    """An accepted risk: findings that match every given pattern are not acted on, for a reason.

    It ends after a day, or before that: once a vulnerability is known to be exploited, is rated worse than when this
    accepted it, or as badly as `unless` says.
    """

    package: Glob | None = None
    advisory: Glob | None = None
    path: Glob | None = None
    until: date | None = Field(default=None, description="the last day on which it holds")
    unless: Annotated[
        tuple[Ends, ...],
        BeforeValidator(listed, json_schema_input_type=Ends | tuple[Ends, ...]),
    ] = Field(default=("known_exploited", "worse"), description=UNLESS)
    why: str = Field(min_length=1, max_length=1000)

    @property
    def digest(self) -> str:
        """What tells it from others; `unless` does not, as it accepts nothing."""
        return hashlib.blake2b(self.model_dump_json(exclude={"unless"}).encode(), digest_size=16).hexdigest()

    @model_validator(mode="after")
    def _names_something(self) -> Ignore:
        if self.package is None and self.advisory is None and self.path is None:
            raise ValueError("name a package, an advisory or a path to ignore")
        return self


def _for_every_severity(value: object) -> object:
    """One word stands for all."""
    return dict.fromkeys(Approval.model_fields, value) if isinstance(value, str) else value


class Approval(Section):
    """Which merge requests ask for a person's approval: fixes by severity, and routine updates."""

    critical: Mode = "auto"
    high: Mode = "auto"
    medium: Mode = "auto"
    low: Mode = "auto"
    routine: Mode = "auto"

    def asks(self, severity: Severity | None) -> bool:
        """Whether a fix of this severity (None: a routine update) has to be approved; unknown counts as medium."""
        if severity is None:
            return self.routine == "manual"
        known = Severity.MEDIUM if severity is Severity.UNKNOWN else severity
        return bool(getattr(self, known.value) == "manual")


class DueDays(Section):
    """Within how many days of its first sight a vulnerability should be fixed, by severity."""

    critical: Days = 7
    high: Days = 30
    medium: Days = 90
    low: Days = 180

    def of(self, severity: Severity) -> timedelta:
        """The time that is left for a severity; one that is not known counts as medium."""
        known = Severity.MEDIUM if severity is Severity.UNKNOWN else severity
        return timedelta(days=float(getattr(self, known.value)))


class Policy(Section):
    """What is fixed, how, when, and how much at once."""

    cooldown_days: Annotated[Cooldown, BeforeValidator(_for_every_kind, json_schema_input_type=Days | Cooldown)] = (
        Cooldown()
    )
    updates: Updates = Updates()
    ignore: tuple[Ignore, ...] = Field(default=(), max_length=1000)
    allowed: Mapping[Glob, Range] = Field(default={}, description="package pattern to the versions that may be taken")
    groups: Mapping[str, tuple[Glob, ...]] = Field(default={}, description="name to the packages of one merge request")
    open_merge_requests: int = Field(default=10, ge=0)
    merge_requests_per_day: int | None = Field(default=None, ge=0)
    schedule: Schedule | None = Field(default=None, description="when routine merge requests are made; fixes always")
    labels: Labels = ("dependencies",)
    reviewers: Annotated[
        tuple[Username, ...], BeforeValidator(listed, json_schema_input_type=tuple[Username, ...])
    ] = ()
    target_branch: Branch | None = None
    approval: Annotated[Approval, BeforeValidator(_for_every_severity, json_schema_input_type=Mode | Approval)] = (
        Approval()
    )
    automerge: Annotated[
        tuple[Literal["patch", "minor", "major", "security"], ...],
        BeforeValidator(listed, json_schema_input_type=tuple[Literal["patch", "minor", "major", "security"], ...]),
    ] = ()
    issues: Literal["always", "vulnerable", "never"] = "always"
    due_days: DueDays = DueDays()

    @field_validator("groups")
    @classmethod
    def _group_names(cls, value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        for name in value:
            if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 60:
                raise ValueError(f"{name[:60]!r} is not a name for a group: letters, digits, - and _")
        return value

    @property
    def outdated(self) -> bool:
        """Whether any routine update is proposed."""
        return bool(self.updates.steps)
