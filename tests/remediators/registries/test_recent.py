import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from remediators.registries.recent import Recent


def test_an_answer_is_kept_until_others_need_its_room() -> None:
    recent: Recent[str, int] = Recent(2)
    asked: list[str] = []

    def ask(key: str) -> int:
        def answer() -> int:
            asked.append(key)
            return len(asked)

        return recent.get(key, answer)

    assert [ask(key) for key in "aabacab"] == [1, 1, 2, 1, 3, 1, 4]
    assert asked == ["a", "b", "c", "b"]


def test_an_answer_that_is_no_longer_good_is_asked_for_again() -> None:
    recent: Recent[str, int] = Recent(2)
    assert recent.get("a", lambda: 1) == 1
    assert recent.get("a", lambda: 2, lambda kept: kept > 1) == 2
    assert recent.get("a", lambda: 3) == 2


def test_a_failure_is_not_kept() -> None:
    recent: Recent[str, int] = Recent(2)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        recent.get("a", fail)
    assert recent.get("a", lambda: 1) == 1


def test_threads_that_ask_the_same_wait_for_one_answer() -> None:
    recent: Recent[str, int] = Recent(2)
    asked: list[int] = []
    started = threading.Event()

    def ask() -> int:
        started.wait()
        asked.append(1)
        return 1

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(recent.get, "a", ask) for _ in range(4)]
        started.set()
        assert [answer.result() for answer in answers] == [1] * 4
    assert asked == [1]
