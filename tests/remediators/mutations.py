"""Inputs for fuzzing: samples with pieces cut out, or replaced by what parsers have stumbled over elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

# What ends a line for some, numbers that Python does not read, values of every other type, addresses that are none,
# words that lead a parser elsewhere.
WORDS = (
    *(
        b"\r",
        b"\n",
        b"\x00",
        b"\x0c",
        b"\xe2\x80\xa8",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\x1b[31m",
    ),
    *(
        b"1" * 5000,
        b"99999999999999999999",
        b"1e999",
        b"nan",
        b"inf",
        b"-0",
        b"1.0.0.0",
        b"1!2",
        b"2001-99-99",
        b"1:60",
    ),
    *(b"0001-01-01T00:00:00+23:00", b"\xc2\xb2", b"\xd9\xa1"),
    *(b'""', b"[]", b"{}", b'["a"]', b'{"a": 1}', b"{a = 1}", b"null", b"true", b"1.5", b"'"),
    *(b"http://[", b"https://a:b@[::1", b"../../x", b"${A}", b"%(a)s", b"*", b"^", b"||", b" - ", b">=", b"==", b"~="),
    *(b"[[package]]\n", b"[options]\n", b"&a ", b"*a", b"!!int ", b"? ", b"---\n", b"[" * 50, b"(" * 50, b"a" * 300),
    *(b"npm:", b"workspace:", b"patch:", b"catalog:", b"file:", b"git+", b"-r ", b"--hash=", b"setup(", b"(a+)+$"),
)
_FARTHEST = 10_000
_CUTS = st.sampled_from((0, 0, 1, 3, 9, 30))


def mutated(samples: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A sample with a few changes at any place, or bytes of any kind."""
    change = st.tuples(st.integers(0, _FARTHEST), _CUTS, st.sampled_from((b"", *WORDS)) | st.binary(max_size=4))
    changed = st.builds(_changed, st.sampled_from(samples), st.lists(change, min_size=1, max_size=4))
    return changed | st.binary(max_size=60)


def _changed(sample: bytes, changes: Sequence[tuple[int, int, bytes]]) -> bytes:
    for place, cut, word in changes:
        at = place * len(sample) // _FARTHEST
        sample = sample[:at] + word + sample[at + cut :]
    return sample
