"""Every parser of what others write: how it is fed, what it may refuse with, and samples to begin with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.fuzz import answers, samples
from remediators.api import RemediationError, Remediator, Unit, Upgrade
from remediators.registered import ecosystems

Feed = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser. `feed` raises nothing but `refusals`; `samples` are whole inputs that it takes."""

    name: str
    feed: Feed
    refusals: tuple[type[Exception], ...]
    samples: tuple[bytes, ...]

    def take(self, data: bytes) -> str:
        """What became of an input: how much was read of it, or the refusal. Anything else that is raised is a bug."""
        try:
            return repr(self.feed(data))
        except self.refusals as error:
            return f"{type(error).__name__}: {error}"


def _of_projects() -> Iterator[Target]:
    """Each file of each sample project, with the others as they are."""
    for kind, files in samples.PROJECTS.items():
        others = {path: text.encode() for path, text in files.items()}
        for path, content in others.items():
            yield Target(f"{kind}-{path.strip('.')}", _project(others, path), (RemediationError,), (content,))


def _project(others: Mapping[str, bytes], path: str) -> Feed:
    known = ecosystems()

    def feed(data: bytes) -> object:
        files = {**others, path: data}
        read = [one for remediator in known.remediators for one in _units(remediator, files)]
        return len(read)

    return feed


def _units(remediator: Remediator, files: Mapping[str, bytes]) -> Iterator[Unit]:
    """The units of the remediator, each read and edited."""
    for found in remediator.units(sorted(files)):
        unit = remediator.expand(found, files.get)
        parsed = remediator.parse(unit, files.get)
        for dependency in parsed.dependencies[:2]:
            before = dependency.version or "1.0.0"
            remediator.requirers(unit, files.get, dependency.package, before)
            for override in (False, True):
                upgrade = Upgrade(dependency.package, before, "2.1.3", dependency.direct, override=override)
                with contextlib.suppress(RemediationError):
                    remediator.edit(unit, {name: files[name] for name in unit.files}, [upgrade])
        yield unit


def _of_answers() -> Iterator[Target]:
    for name, (feed, refusals, given) in answers.PARSERS.items():
        yield Target(name, feed, refusals, given)


TARGETS: Mapping[str, Target] = {target.name: target for target in (*_of_projects(), *_of_answers())}
"""Every target by its name."""
