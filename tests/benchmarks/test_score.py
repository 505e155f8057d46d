"""What the benchmark of fixes says of a contestant: each of these fakes does one thing, well or badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.fix import draw, projects, report, score
from benchmarks.fix.advisories import dumps
from benchmarks.fix.bench import Bench, Ran
from benchmarks.fix.contestants import Bot, Contestant
from benchmarks.fix.registries import registries
from benchmarks.fix.universe import KINDS, Kind, Universe

FLAT = draw.universe("u000", "flat", "fixes exclude each other")
UV = draw.universe("u001", "uv", "lock only")
SAMPLE = (
    FLAT,
    UV,
    draw.universe("u002", "flat", "yanked fix"),
    draw.universe("u003", "uv", "no fix"),
    draw.universe("u004", "uv", "majors only"),
)


@dataclass(frozen=True)
class Fake:
    """Does to a project what a test says."""

    act: Callable[[Path, Bench], object]
    name: str = "fake"
    kinds: Sequence[Kind] = KINDS

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        self.act(folder, bench)
        return Ran(0, "", "")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with registries(SAMPLE, folder) as served:
        yield Bench(folder, served)


@pytest.fixture(scope="module")
def puzzle(bench: Bench) -> Callable[[Universe], score.Puzzle]:
    made: dict[str, score.Puzzle] = {}

    def make(universe: Universe) -> score.Puzzle:
        if universe.name not in made:
            folder = bench.folder / "made" / universe.name
            projects.make(universe, folder, bench)
            made[universe.name] = score.puzzle(universe, folder, bench)
        return made[universe.name]

    return make


_NUMBERS = iter(range(1000))


def played(act: Callable[[Path, Bench], object], given: score.Puzzle, bench: Bench) -> score.Outcome:
    contestant: Contestant = Fake(act, f"fake {next(_NUMBERS)}")
    return score.play(contestant, given, bench)


def pin(folder: Path, package: str, version: str) -> None:
    """Change a pin in place."""
    file = folder / "requirements.txt"
    old = next(line for line in file.read_bytes().split(b"\n") if line.startswith(f"u000-{package}==".encode()))
    rest = old.partition(b"==")[2].lstrip(b"0123456789.")
    file.write_bytes(file.read_bytes().replace(old, f"u000-{package}=={version}".encode() + rest))


def newest(universe: Universe, package: str) -> str:
    return universe.of(f"{universe.name}-{package}")[-1].version


def test_who_does_nothing_fixes_nothing_and_breaks_nothing(bench: Bench, puzzle: Callable[..., score.Puzzle]) -> None:
    outcome = played(lambda *_: None, puzzle(FLAT), bench)
    assert (outcome.fixed, outcome.puzzle.optimum, outcome.short, outcome.flawless) == (0, 1, True, False)
    assert (outcome.refused, outcome.introduced, outcome.foreign, outcome.down) == ("", (), (), False)


def test_who_fixes_what_can_be_fixed_is_flawless(bench: Bench, puzzle: Callable[..., score.Puzzle]) -> None:
    outcome = played(lambda folder, _: pin(folder, "a", newest(FLAT, "a")), puzzle(FLAT), bench)
    assert (outcome.fixed, outcome.flawless) == (1, True), outcome
    assert report.score([outcome]) == 1.0


def test_two_fixes_that_exclude_each_other_do_not_install_and_fix_nothing(
    bench: Bench, puzzle: Callable[..., score.Puzzle]
) -> None:
    def both(folder: Path, _: Bench) -> None:
        for package in "ab":
            pin(folder, package, newest(FLAT, package))

    outcome = played(both, puzzle(FLAT), bench)
    assert outcome.fixed == 0
    assert "No solution found" in outcome.refused


@pytest.mark.parametrize(
    ("act", "said"),
    [
        pytest.param(lambda folder: (folder / "README.md").write_text(""), "README.md changed", id="another file"),
        pytest.param(
            lambda folder: (folder / "requirements.txt.bak").touch(), "requirements.txt.bak changed", id="a new file"
        ),
        pytest.param(lambda folder: (folder / "README.md").unlink(), "README.md changed", id="a file that went"),
        pytest.param(lambda folder: pin(folder, "z", newest(FLAT, "z")), "u000-z moved to", id="an unrelated package"),
        pytest.param(
            lambda folder: (folder / "requirements.txt").write_bytes(
                b"# hello\n" + (folder / "requirements.txt").read_bytes()
            ),
            "requirements.txt: '# hello",
            id="a comment",
        ),
    ],
)
def test_what_no_fix_has_to_touch_is_foreign(
    act: Callable[[Path], object], said: str, bench: Bench, puzzle: Callable[..., score.Puzzle]
) -> None:
    outcome = played(lambda folder, _: act(folder), puzzle(FLAT), bench)
    assert any(words.startswith(said) for words in outcome.foreign), outcome.foreign
    assert not outcome.flawless


def test_a_lock_that_is_not_of_its_manifest_does_not_install(bench: Bench, puzzle: Callable[..., score.Puzzle]) -> None:
    def edit_the_manifest_alone(folder: Path, _: Bench) -> None:
        file = folder / "pyproject.toml"
        file.write_bytes(file.read_bytes().replace(b"u001-a>=", b"u001-a>"))

    assert played(edit_the_manifest_alone, puzzle(UV), bench).refused


def test_a_lock_that_is_made_anew_moves_what_it_should_not(bench: Bench, puzzle: Callable[..., score.Puzzle]) -> None:
    outcome = played(lambda folder, bench: bench.uv("lock", "--upgrade", cwd=folder), puzzle(UV), bench)
    assert (outcome.fixed, outcome.refused) == (1, "")
    assert any("u001-z moved" in words for words in outcome.foreign)


@pytest.mark.parametrize("universe", SAMPLE, ids=lambda universe: f"{universe.kind} {universe.shape}")
def test_the_bot_is_flawless(universe: Universe, bench: Bench, puzzle: Callable[..., score.Puzzle]) -> None:
    dumps(universe, bench.folder / "advisories" / universe.name)
    outcome = score.play(Bot(), puzzle(universe), bench)
    assert outcome.flawless, report.shortfalls([outcome]) + outcome.said


@pytest.mark.registry
@pytest.mark.parametrize("shape", ["workspace, lock only", "copies, one without a fix"])
def test_the_bot_is_flawless_with_npm(shape: str, tmp_path: Path) -> None:
    universe = draw.universe("u000", "npm", shape)
    with registries([universe], tmp_path) as served:
        if served.npm is None:
            pytest.skip(served.without_npm)
        bench = Bench(tmp_path, served)
        dumps(universe, tmp_path / "advisories" / universe.name)
        folder = tmp_path / "made"
        projects.make(universe, folder, bench)
        outcome = score.play(Bot(), score.puzzle(universe, folder, bench), bench)
        assert outcome.flawless, report.shortfalls([outcome]) + outcome.said
