"""Reading what a push asks for, and adding to its answer."""

from __future__ import annotations

import pytest

from bot.sandbox.git.pkt_line import FLUSH, packet, parse_push, with_messages
from bot.sandbox.git.repository import Move

OLD, NEW = "1" * 40, "2" * 40


def command(ref: str, capabilities: str = "") -> bytes:
    end = f"\0{capabilities}".encode() if capabilities else b"\n"
    return packet(f"{OLD} {NEW} {ref}".encode() + end)


def test_commands_and_options() -> None:
    head = (
        packet(b"shallow " + OLD.encode())
        + command("refs/heads/a", " report-status side-band-64k push-options")
        + command("refs/heads/b")
        + FLUSH
        + packet(b"ci.skip\n")
        + FLUSH
        + b"PACK..."
    )
    wanted = parse_push(head)
    assert wanted is not None
    assert wanted.moves == (Move("refs/heads/a", OLD, NEW), Move("refs/heads/b", OLD, NEW))
    assert (wanted.options, wanted.side_band) == (("ci.skip",), True)


def test_every_beginning_of_a_push_waits_for_more() -> None:
    whole = command("refs/heads/a", "push-options") + FLUSH + packet(b"x") + FLUSH
    assert [parse_push(whole[:end]) for end in range(len(whole))] == [None] * len(whole)
    assert parse_push(whole) is not None


def test_an_empty_push_is_a_probe() -> None:
    wanted = parse_push(FLUSH)
    assert wanted is not None
    assert (wanted.moves, wanted.side_band) == ((), False)


@pytest.mark.parametrize("head", [b"GET / HTTP", b"0002", command("x")[:4] + b"not a command at all" * 5])
def test_what_is_no_push(head: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_push(head + FLUSH)


def test_messages_come_before_the_end() -> None:
    answer = packet(b"\x01000eunpack ok\n0000") + FLUSH
    assert with_messages(answer, ("Hello",)) == answer[:-4] + packet(b"\x02Hello\n") + FLUSH
    assert with_messages(answer, ()) == answer
    assert with_messages(b"broken", ("Hello",)) == b"broken"
