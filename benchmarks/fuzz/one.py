"""Fuzzes one parser under atheris until the time is over: `python -m benchmarks.fuzz.one TARGET CORPUS SECONDS`."""

from __future__ import annotations

import resource
import sys
import time
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["remediators", "bot", "tomllib", "json", "configparser", "packaging"]):
    from benchmarks.fuzz.samples import written_in_tests
    from benchmarks.fuzz.targets import TARGETS, Target

SECONDS_OF_ONE = 1.0
MEGABYTES_OF_ONE = 200
LONGEST = 8192


class TooMuchError(Exception):
    """One input took more time or memory than any may."""


def main() -> None:
    """Seed the corpus, then fuzz; libFuzzer ends the process, with another status than 0 where it found something."""
    name, corpus, seconds = sys.argv[1:]
    warnings.simplefilter("ignore")
    target = TARGETS[name]
    _seed(target, Path(corpus))
    _, before = _taken()
    atheris.Setup(
        [
            sys.argv[0],
            corpus,
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            # The processor's time is what counts, below; this one ends what hangs.
            "-timeout=60",
            f"-rss_limit_mb={before + 2 * MEGABYTES_OF_ONE + 512}",
            f"-artifact_prefix={Path(corpus).parent / name}-",
            "-print_final_stats=1",
        ],
        lambda data: _bounded(target, data),
    )
    atheris.Fuzz()


def _seed(target: Target, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    texts = [*target.samples, *(text for text in written_in_tests() if len(text) <= LONGEST)]
    for number, text in enumerate(texts):
        (corpus / f"seed-{number:05}").write_bytes(text)


def _bounded(target: Target, data: bytes) -> None:
    begun, held = _taken()
    target.take(data)
    ended, holds = _taken()
    if ended - begun > SECONDS_OF_ONE or holds - held > MEGABYTES_OF_ONE:
        raise TooMuchError(f"{target.name}: {ended - begun:.1f} s and {holds - held} MB for {len(data):,} bytes")


def _taken() -> tuple[float, int]:
    """Seconds of the processor, and the most megabytes that were ever held."""
    return time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
