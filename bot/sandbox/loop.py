"""The event loop as the world sees it: do this on the loop, do this later, do this in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Until a server attaches its loop, work on the loop runs at once and delayed work waits for the attachment."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: int | None = None
        self._waiting: list[tuple[float, Callable[[], None]]] = []
        self._pool: ThreadPoolExecutor | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_error: Callable[[Exception], None] | None = None

    def attach(self) -> None:
        """Use the running loop of this thread from now on."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._failed)
        self._thread = threading.get_ident()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sandbox")
        waiting, self._waiting = self._waiting, []
        for seconds, work in waiting:
            self._loop.call_later(seconds, work)

    async def detach(self) -> None:
        """Let the threads end, while the loop still takes what they hand back; then stop using it."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)
        self._loop = None

    def run(self, work: Callable[[], T]) -> T:
        """Run `work` on the loop's thread and wait for its result; at once when this is that thread."""
        loop = self._loop
        if loop is None or threading.get_ident() == self._thread:
            return work()
        result: Future[T] = Future()

        def call() -> None:
            try:
                result.set_result(work())
            except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, where it is raised
                result.set_exception(error)

        loop.call_soon_threadsafe(call)
        return result.result()

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run `work` on the loop's thread after so many seconds."""
        if self._loop is None:
            self._waiting.append((seconds, work))
        elif threading.get_ident() == self._thread:
            self._loop.call_later(seconds, work)
        else:
            self._loop.call_soon_threadsafe(self._loop.call_later, seconds, work)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a coroutine run on the loop in the background; to its end at once without a server."""
        if self._loop is None:
            asyncio.run(work)
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if self.on_error is not None and isinstance(error, Exception):
            self.on_error(error)
        else:
            loop.default_exception_handler(context)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()  # an error goes to the loop's exception handler

    def in_thread(self, work: Callable[[], T], then: Callable[[T], object] | None = None) -> None:
        """Run `work` in a thread, and `then` with its result on the loop's thread. Both at once without a server."""
        if self._pool is None:
            result = work()
            if then is not None:
                then(result)
            return

        def call() -> None:
            result = work()
            loop = self._loop
            if then is not None and loop is not None:
                loop.call_soon_threadsafe(then, result)

        self._pool.submit(call)
