"""Git's wire format, as far as a push needs reading and its answer needs adding to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.git.repository import Move

FLUSH = b"0000"
_PROGRESS = b"\x02"
_LARGEST = 65515


@dataclass(frozen=True, slots=True)
class PushRequest:
    """What a push asks for, before its pack. `side_band` is whether the client hears messages."""

    moves: tuple[Move, ...]
    options: tuple[str, ...]
    side_band: bool


def packet(payload: bytes) -> bytes:
    """A pkt-line."""
    return b"%04x" % (len(payload) + 4) + payload


def advertised(service: str, refs: bytes) -> bytes:
    """The answer to `info/refs` of protocol versions 0 and 1."""
    return packet(f"# service={service}\n".encode()) + FLUSH + refs


def parse_push(head: bytes) -> PushRequest | None:
    """The commands and push options that `head` begins with; None when it does not hold all of them yet.

    Raises ValueError for what is not a push.
    """
    section = _section(head, 0)
    if section is None:
        return None
    lines, end = section
    # A shallow clone says first where its history ends; capabilities follow the first command.
    commands = [line.partition(b"\0") for line in lines if not line.startswith(b"shallow ")]
    capabilities = commands[0][2].split() if commands else []
    options: list[bytes] = []
    if b"push-options" in capabilities:
        more = _section(head, end)
        if more is None:
            return None
        options = more[0]
    moves = tuple(_move(command) for command, _, _ in commands)
    texts = tuple(option.decode("utf-8", "replace").rstrip("\n") for option in options)
    return PushRequest(moves, texts, b"side-band-64k" in capabilities)


def with_messages(answer: bytes, messages: tuple[str, ...]) -> bytes:
    """A side-band answer to a push, with lines that the client shows as "remote: …"."""
    if not messages or not answer.endswith(FLUSH):
        return answer
    text = "".join(f"{line}\n" for line in messages).encode()
    chunks = [text[at : at + _LARGEST] for at in range(0, len(text), _LARGEST)]
    return answer[: -len(FLUSH)] + b"".join(packet(_PROGRESS + chunk) for chunk in chunks) + FLUSH


def _section(data: bytes, at: int) -> tuple[list[bytes], int] | None:
    lines: list[bytes] = []
    while at + 4 <= len(data):
        length = int(data[at : at + 4], 16)
        if length == 0:
            return lines, at + 4
        if length < 4:
            raise ValueError(f"a packet of length {length}")
        if at + length > len(data):
            return None
        lines.append(data[at + 4 : at + length])
        at += length
    return None


def _move(line: bytes) -> Move:
    before, after, ref = line.decode().rstrip("\n").split(" ", 2)
    return Move(ref, before, after)
