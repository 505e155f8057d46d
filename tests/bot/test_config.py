"""Where settings come from, which one wins, and how every problem is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import OSV_SERVER, Config, load
from bot.errors import ConfigError


def toml(folder: Path, text: str) -> Path:
    file = folder / "bot.toml"
    file.write_text(text)
    return file


def test_later_layers_win(tmp_path: Path) -> None:
    file = toml(
        tmp_path, 'url = "https://file.example"\nworkers = 2\n[policy]\ncooldown_days = 1\nupdates.major = false\n'
    )
    environ = {"CI_SERVER_URL": "https://ci.example", "BOT_WORKERS": "3", "BOT_POLICY__COOLDOWN_DAYS": "5"}
    config = load({"url": "https://flag.example/"}, environ, file)
    assert (config.url, config.workers) == ("https://flag.example", 3)
    assert (config.policy.cooldown_days.major, config.policy.updates.major) == (5, False)


@pytest.mark.parametrize(
    ("environ", "read"),
    [
        ({"CI_SERVER_URL": "https://ci.example"}, lambda c: c.url == "https://ci.example"),
        ({"GITLAB_TOKEN": "secret-token"}, lambda c: c.secret() == "secret-token"),
        ({"GITLAB_TOKEN": "theirs", "BOT_TOKEN": "ours"}, lambda c: c.secret() == "ours"),
        ({"BOT_ALLOWED_HOSTS": "a.example, b:1"}, lambda c: c.allowed_hosts == ("a.example", "b:1")),
        ({"BOT_ADVISORIES__DUMPS": "/a, /b"}, lambda c: c.advisories.dumps == ("/a", "/b")),
        (
            {"BOT_REGISTRIES": '{"PyPI": {"url": "https://registry.example/simple/"}}'},
            lambda c: c.registries["PyPI"].url == "https://registry.example/simple",
        ),
    ],
    ids=["CI address", "common token", "own token first", "hosts", "list", "JSON"],
)
def test_the_environment_is_understood(environ: dict[str, str], read: object) -> None:
    assert callable(read)
    assert read(load({}, environ, None))


def test_a_token_file_is_read_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("glpat-of-the-test\n")
    config = load({"token_file": file}, {}, None)
    assert config.secret() == "glpat-of-the-test"
    assert "glpat-of-the-test" not in repr(load({}, {"GITLAB_TOKEN": "glpat-of-the-test"}, None))


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    file = toml(tmp_path, 'url = "ftp://x"\n[policy]\ncooldwon_days = 1\n')
    with pytest.raises(ConfigError) as refused:
        load({}, {"BOT_WORKERS": "many"}, file)
    assert sorted(refused.value.problems) == [
        f"{file}: policy.cooldwon_days: there is no such setting",
        f"{file}: url: 'ftp://x' is not an http(s) URL",
        "environment: workers: Input should be a valid integer, unable to parse string as an integer",
    ]


def test_an_address_that_is_no_text_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"registries\.PyPI\.url: Input should be a valid string"):
        load({}, {}, toml(tmp_path, "[registries.PyPI]\nurl = 3\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("url = ", "not valid TOML"), (None, "cannot be read")],
    ids=["broken", "missing"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "bot.toml" if text is None else toml(tmp_path, text)
    with pytest.raises(ConfigError, match=said) as refused:
        load({}, {}, file)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param(
            {"BOT_POLICY": "strict", "BOT_POLICY__ISSUES": "never"}, "BOT_POLICY__ISSUES: policy has a", id="both"
        ),
        pytest.param({"BOT_CREDENTIALS": '{"x":'}, "BOT_CREDENTIALS: not valid JSON", id="broken JSON"),
        pytest.param({"BOT_DAEMON__SWEEP_MINUTES": "1e300"}, "daemon.sweep_minutes: Input should be less", id="huge"),
        pytest.param({"BOT_POLICY__COOLDOWN_DAYS": "nan"}, "policy.cooldown_days: Input should be", id="not a number"),
        pytest.param({"BOT_IDENTITY__EMAIL": "a@b\nc"}, "identity.email: String should match", id="two lines"),
        pytest.param({"BOT_SANDBOX": "maybe"}, "sandbox: Input should be 'require', 'auto' or 'off'", id="sandbox"),
        pytest.param({"BOT_ALLOWED_HOSTS": "https://a.example/x"}, "allowed_hosts: 'https://a.example/x' is", id="URL"),
        pytest.param({"BOT_ALLOWED_HOSTS": "a.example:port"}, "allowed_hosts: Port could not be", id="no port"),
        pytest.param({"BOT_TOKEN_FILE": "/nowhere"}, "token_file: /nowhere is not a file", id="no file"),
    ],
)
def test_a_value_that_nothing_can_be_done_with_is_the_users_mistake(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load({}, environ, None)
    assert said in str(refused.value)


def test_a_bundle_without_a_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate\n")
    with pytest.raises(ConfigError, match=r"command line: ca_bundle: .*ca\.pem holds no certificate in PEM form"):
        load({"ca_bundle": file}, {}, None)


def test_a_section_as_json_and_a_setting_in_it_are_joined() -> None:
    environ = {"BOT_POLICY__ISSUES": "never", "BOT_POLICY": '{"cooldown_days": 5}'}
    policy = load({}, environ, None).policy
    assert (policy.issues, policy.cooldown_days.security) == ("never", 5)


def test_a_url_must_not_carry_a_token() -> None:
    with pytest.raises(ConfigError, match="must not carry") as refused:
        load({"url": "https://oauth2:glpat-x@gitlab.example"}, {}, None)
    assert "glpat-x" not in str(refused.value)


def test_the_public_advisory_server_is_the_default_only_without_another_source() -> None:
    assert Config().advisories.servers_in_use == (OSV_SERVER,)
    assert load({}, {"BOT_ADVISORIES__DUMPS": "/a"}, None).advisories.servers_in_use == ()


def test_no_token_says_how_to_give_one() -> None:
    with pytest.raises(ConfigError, match="GITLAB_TOKEN"):
        Config().secret()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\xff\xfe\x00", "token: cannot be read: byte 0 is not UTF-8", id="bytes"),
        pytest.param(b" \n", "no GitLab token", id="empty"),
        pytest.param(b"glpat-one\nglpat-two\n", "a character that no token has", id="two lines"),
        pytest.param("glpat-\u2026".encode(), "a character that no token has", id="cut short by a web page"),
    ],
)
def test_a_token_file_that_holds_no_token_is_the_users_mistake(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    config = load({"token_file": file}, {}, None)
    with pytest.raises(ConfigError, match=said) as refused:
        config.secret()
    assert "glpat" not in str(refused.value)
    assert config.secrets() == ()
