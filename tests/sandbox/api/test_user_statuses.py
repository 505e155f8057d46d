"""What users say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api


def test_nobody_says_anything_at_first(login: Callable[..., Api], anonymous: Api) -> None:
    silent = {"emoji": None, "message": None, "availability": None, "message_html": "", "clear_status_at": None}
    assert login("ada").get("/user/status") == silent
    assert anonymous.get("/users/ada/status") == silent
    anonymous.get("/users/nobody/status", 404)
    anonymous.get("/user/status", 401)


def test_put_replaces_and_patch_changes(login: Callable[..., Api]) -> None:
    ada = login("ada")
    said = ada.put("/user/status", message="At <work>", availability="busy")
    assert (said["emoji"], said["availability"]) == ("speech_balloon", "busy")
    assert said["message_html"] == "At &lt;work&gt;"
    assert ada.patch("/user/status", emoji="coffee")["message"] == "At <work>"
    assert ada.put("/user/status", emoji="tada")["message"] is None
    assert ada.put("/user/status", emoji="")["emoji"] is None


def test_it_ends_when_it_is_to_end(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    ada = login("ada")
    assert ada.put("/user/status", emoji="zzz", clear_status_after="3_hours")["clear_status_at"].endswith("Z")
    clock = sandbox.world.clock
    sandbox.world.clock = lambda: clock() + timedelta(hours=4)
    assert ada.get("/user/status")["emoji"] is None


def test_what_is_too_long_or_unknown(login: Callable[..., Api]) -> None:
    ada = login("ada")
    assert "is too long" in str(ada.put("/user/status", 400, message="x" * 101))
    assert ada.put("/user/status", 400, availability="gone") == {"error": "availability does not have a valid value"}
