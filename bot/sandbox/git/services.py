"""The two halves of git's protocol as processes: upload-pack streams, receive-pack is waited for."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.git.pkt_line import advertised
from bot.sandbox.git.plumbing import environment
from bot.sandbox.git.push_hook import hook_settings
from bot.sandbox.git.repository import Move, Repository

_CHUNK = 64 * 1024


async def advertise(repository: Repository, service: str, protocol: str) -> bytes:
    """The refs and capabilities of `service` ("git-upload-pack" or "git-receive-pack")."""
    speaks = protocol if service == "git-upload-pack" else ""
    flags = ("--http-backend-info-refs",)
    async with _fed(repository, service, _once(b""), {"GIT_PROTOCOL": speaks}, flags=flags) as answer:
        refs = await answer.read()
    return refs if "version=2" in speaks.split(":") else advertised(service, refs)


async def upload_pack(repository: Repository, body: bytes, protocol: str) -> AsyncIterator[bytes]:
    """The answer to a fetch, as git makes it; the process ends when the reader goes away."""
    async with _fed(repository, "git-upload-pack", _once(body), {"GIT_PROTOCOL": protocol}) as answer:
        while chunk := await answer.read(_CHUNK):
            yield chunk


async def receive_pack(
    repository: Repository, body: AsyncIterator[bytes], refused: str | None, guarded: Sequence[Move], hooks: Path
) -> bytes:
    """The whole answer to a push.

    `refused` makes the pre-receive hook decline it with those words; refs of `guarded` may not lose commits.
    """
    settings, env = hook_settings(hooks, refused, guarded)
    async with _fed(repository, "git-receive-pack", body, env, settings) as answer:
        return await answer.read()


@asynccontextmanager
async def _fed(
    repository: Repository,
    service: str,
    body: AsyncIterator[bytes],
    env: dict[str, str],
    settings: Sequence[tuple[str, str]] = (),
    flags: Sequence[str] = (),
) -> AsyncIterator[StreamReader]:
    process = await asyncio.create_subprocess_exec(
        "git",
        service.removeprefix("git-"),
        "--stateless-rpc",
        *flags,
        str(repository.folder),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment(env, settings),
    )
    reader, writer = _pipes(process)
    feeding = asyncio.create_task(_feed(writer, body))
    try:
        yield reader
        await feeding
    except BaseException:
        feeding.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise
    finally:
        await process.wait()


def _pipes(process: Process) -> tuple[StreamReader, StreamWriter]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("git was started without pipes")
    return process.stdout, process.stdin


async def _feed(writer: StreamWriter, body: AsyncIterator[bytes]) -> None:
    # A broken pipe means that git has said all it had to say and reads no further; what it said is the answer.
    with contextlib.closing(writer), contextlib.suppress(BrokenPipeError, ConnectionResetError):
        async for chunk in body:
            writer.write(chunk)
            await writer.drain()


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
