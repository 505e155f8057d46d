"""What the benchmark of fixes counts as possible: by hand on single shapes, and held against the real resolvers."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from benchmarks.fix import draw
from benchmarks.fix.bench import Bench
from benchmarks.fix.notation import read
from benchmarks.fix.optimum import assignments, optimum, outcomes
from benchmarks.fix.registries import Registries, registries
from benchmarks.fix.universe import Held, Kind, Universe


def universe(text: str, kind: Kind) -> Universe:
    draft = read(text)
    return Universe("u", kind, "test", tuple(draft.releases), tuple(draft.roots), tuple(draft.flaws), "plain")


def as_locked(universe: Universe) -> Held:
    """What the lockfile holds where every release of that time is in it."""
    packages = {release.package for release in universe.releases if release.old}
    return {p: frozenset(r.version for r in universe.of(p) if r.old) for p in packages}


A_HOLDS_B = "a 1* : b[1,2)\n b 1*\n b 2\n root a[1,2)\n flaw b 0..2"
EXCLUDE = "a 1* : c[1,3)\n a 2 : c[1,2)\n b 1* : c[1,3)\n b 2 : c[2,3)\n c 1*\n c 2\n root a[1,2)\n root b[1,2)\n" \
    "flaw a 0..2\n flaw b 0..2"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "flat", "uv", "npm"),
    [
        pytest.param("a 1*\n a 2\n root a[1,2)\n flaw a 0..2", 1, 1, 1, id="a direct range is raised"),
        pytest.param("a 1*\n a 2\n root a[1,2)\n flaw a 0..", 0, 0, 0, id="no release is free of the flaw"),
        pytest.param("a 2*\n a 1\n root a[1,3)\n flaw a 2..3", 0, 0, 0, id="nothing goes down"),
        pytest.param("a 1*\n a 2\n root a[1,2)\n flaw a 0..2\n flaw a 2..3", 0, 0, 0, id="no flaw for another"),
        pytest.param("a 1*\n a 2!\n root a[1,2)\n flaw a 0..2", 0, 0, None, id="no yanked release"),
        pytest.param("a 1*\n a 2@3.14\n root a[1,2)\n flaw a 0..2", 0, 0, None, id="no release for a newer Python"),
        pytest.param(A_HOLDS_B, 0, 1, 1, id="an override where the tool has them"),
        pytest.param(A_HOLDS_B + "\n root b[1,2)", 0, 0, 0, id="none of what the project names itself"),
        pytest.param(A_HOLDS_B + "\n a 2 : b[2,3)", 1, 1, 1, id="the parent is raised"),
        pytest.param("a 1* : b[1,2)\n a 2\n b 1*\n root a[1,2)\n flaw b 0..", 0, 1, 1, id="a raised parent drops it"),
        pytest.param(
            "a 1*\n a 2 : c[1,3)\n c 1\n root a[1,2)\n flaw a 0..2\n flaw c 0..",
            0,
            0,
            0,
            id="a fix that brings a vulnerable package",
        ),
        pytest.param(
            "a 1*\n a 2 : c[1,3)\n c 1\n c 2\n root a[1,2)\n flaw a 0..2\n flaw c 2..",
            0,
            1,
            1,
            id="pip takes the newest of what no pin names",
        ),
        pytest.param(EXCLUDE, 1, 1, 2, id="of two that exclude each other one; npm nests copies"),
        pytest.param(
            "a 1* : d[1,2)\n b 1* : d[2,3)\n d 1*\n d 1.1\n d 2*\n root a[1,2)\n root b[1,2)\n flaw d 0..1.1\n"
            "flaw d 2..",
            None,
            None,
            1,
            id="copies are fixed apart",
        ),
        pytest.param(
            "a 1* : ~b[1,2)\n b 1*\n b 2\n root a[1,2)\n root b[1,2)\n flaw b 0..2",
            None,
            None,
            0,
            id="a peer holds a direct one",
        ),
        pytest.param(
            "a 1*\n a 1.1\n a 2*\n root a[1,2)?lt\n root a[2,3)?ge\n flaw a 0..1.1\n flaw a 2..",
            1,
            1,
            None,
            id="each side of a marker on its own",
        ),
    ],
)
def test_optimum(text: str, flat: int | None, uv: int | None, npm: int | None) -> None:
    kinds: tuple[tuple[Kind, int | None], ...] = (("flat", flat), ("uv", uv), ("npm", npm))
    for kind, expected in kinds:
        if expected is not None:
            made = universe(text, kind)
            assert optimum(made, as_locked(made)) == expected, kind


@pytest.mark.parametrize("text", ["a 1 :b[1,2)", "a", "root a", "flaw a 1", "a 1 : b>=1", "a 1 : b[1,2)?both"])
def test_what_is_no_universe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a re"):
        read(text)


def test_a_seed_always_draws_the_same_universes() -> None:
    assert draw.universes(40) == draw.universes(40)
    assert draw.universes(40) != draw.universes(40, seed=1)
    assert len({each.shape for each in draw.universes(210)}) > 40


def test_every_drawn_universe_has_something_to_fix_and_can_stay_as_it_is() -> None:
    for each in draw.universes(60):
        held = as_locked(each)
        assert each.open(held), each
        if each.shape != draw.RANDOM:
            assert held in outcomes(each, held), each


@pytest.mark.parametrize("shape", ["blocked diamond", "fixes exclude each other", "marker below", "yanked fix below"])
def test_python_assignments_are_those_that_uv_installs(shape: str, tmp_path: Path) -> None:
    made = draw.universe("u000", "flat", shape)
    packages = sorted({release.package for release in made.releases})
    side, python = ("ge", "3.13") if len(made.sides) > 1 else ("", "3.11")
    # Without anything held, pins or roots ask for nothing more than what is written below.
    locked = as_locked(made)
    possible = {tuple(sorted(each.items())) for each in assignments(made, locked, side)}
    with registries([made], tmp_path) as served:
        bench = Bench(tmp_path, served)
        for versions in itertools.product(*([r for r in made.of(p) if not r.yanked] for p in packages)):
            pinned = tuple((release.package, release.version) for release in versions)
            assert _uv_installs(pinned, python, bench) == _is_possible(pinned, possible), pinned


def _is_possible(pinned: tuple[tuple[str, str], ...], possible: set[tuple[tuple[str, str], ...]]) -> bool:
    """Whether an assignment says these versions; what it leaves out nobody asks for."""
    return any(set(each) <= set(pinned) for each in possible)


def _uv_installs(pinned: tuple[tuple[str, str], ...], python: str, bench: Bench) -> bool:
    wanted = bench.folder / "requirements.txt"
    wanted.write_text("".join(f"{package}=={version}\n" for package, version in pinned))
    return bench.uv("pip", "compile", wanted, "--python-version", python, cwd=bench.folder).status == 0


@pytest.mark.registry
@pytest.mark.parametrize("shape", ["peer", "peer in the way"])
def test_trees_are_those_that_npm_installs(shape: str, tmp_path: Path) -> None:
    made = draw.universe("u000", "npm", shape)
    packages = sorted(made.direct)
    possible = {tuple(sorted((p, *v) for p, v in each.items())) for each in outcomes(made, as_locked(made))}
    with registries([made], tmp_path) as served:
        _skip_without_npm(served)
        bench = Bench(tmp_path, served)
        (tmp_path / ".npmrc").write_text(f"registry={served.npm}\n")
        for versions in itertools.product(*(made.of(package) for package in packages)):
            pinned = tuple((release.package, release.version) for release in versions)
            wanted = ", ".join(f'"{package}": "{version}"' for package, version in pinned)
            (tmp_path / "package.json").write_text(f'{{"dependencies": {{{wanted}}}}}')
            (tmp_path / "package-lock.json").unlink(missing_ok=True)
            done = bench.npm("install", "--package-lock-only", "--no-audit", cwd=tmp_path)
            assert (done.status == 0) == (pinned in possible), pinned


def _skip_without_npm(served: Registries) -> None:
    if served.npm is None:
        pytest.skip(served.without_npm)
