"""Where stories happen, and the programs that run there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import requests

from conformance.place import place, run
from conformance.story import Unmet


def test_a_place_knows_what_was_asked_in_vain() -> None:
    with place() as here:
        for path in ("/version", "/no/such", "/no/such"):
            requests.get(f"{here.sandbox.url}/api/v4{path}", timeout=10)
        assert here.unserved() == ("GET /no/such",)
        folder = here.folder
    assert not folder.exists()


def test_an_error_of_the_sandbox_is_told_at_the_end() -> None:
    with pytest.raises(Unmet, match=r"errors of the sandbox itself: .*ValueError"), place() as here:
        here.sandbox.errors.append(ValueError("a bug"))


def test_a_program_sees_its_variables_only(tmp_path: Path) -> None:
    said = run([sys.executable, "-c", "import os; print(*os.environ)"], tmp_path, {"X": "1"})
    assert {"HOME", "PATH", "X"} <= set(said.split()) <= {"HOME", "PATH", "LC_ALL", "LC_CTYPE", "X"}


def test_a_program_that_fails(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "print('oh'); exit(3)"]
    with pytest.raises(Unmet, match="exited with 3 instead of 0: oh"):
        run(failing, tmp_path)
    assert run(failing, tmp_path, status=3) == "oh\n"


def test_a_program_that_does_not_end(tmp_path: Path) -> None:
    with pytest.raises(Unmet, match="ran longer than 1 s"):
        run([sys.executable, "-c", "import threading; threading.Event().wait()"], tmp_path, seconds=1)
