"""What was last learned by asking: kept for the next who asks the same, and let go when other answers need the room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class Recent(Generic[K, V]):
    """The last `size` answers by key. Threads may share one; those that ask for the same key wait for one answer."""

    size: int
    _answers: dict[K, V] = field(default_factory=dict)
    _asking: dict[K, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: K, ask: Callable[[], V], good: Callable[[V], bool] = lambda _: True) -> V:
        """The kept answer for `key` if it is still `good`, else what `ask` returns; what it raises is not kept."""
        with self._lock:
            asking = self._asking.setdefault(key, threading.Lock())
        try:
            with asking:
                with self._lock:
                    known = [self._answers[key]] if key in self._answers else []
                answer = known[0] if known and good(known[0]) else ask()
                self.keep(key, answer)
                return answer
        finally:
            with self._lock:
                self._asking.pop(key, None)

    def known(self, key: K) -> V | None:
        """The kept answer for `key`; None where there is none."""
        with self._lock:
            return self._answers.get(key)

    def keep(self, key: K, answer: V) -> None:
        """Keep an answer that came unasked."""
        with self._lock:
            self._answers.pop(key, None)
            self._answers[key] = answer
            while len(self._answers) > self.size:
                self._answers.pop(next(iter(self._answers)))
