"""Every parser of what others write: how it is fed, what it may refuse with, and samples to begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.fuzz import answers, samples
from benchmarks.fuzz.cycle import cycle
from remediators.errors import RemediationError

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
    def feed(data: bytes) -> object:
        return sum(1 for _ in cycle({**others, path: data}))

    return feed


def _of_answers() -> Iterator[Target]:
    for name, (feed, refusals, given) in answers.PARSERS.items():
        yield Target(name, feed, refusals, given)


TARGETS: Mapping[str, Target] = {target.name: target for target in (*_of_projects(), *_of_answers())}
"""Every target by its name."""
