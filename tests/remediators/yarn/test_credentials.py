import pytest

from remediators.credential_variables import credential_variables, unset
from remediators.yarn.credentials import berry_settings, classic_npmrc

URL = "https://registry.example/npm/"
NAMES = credential_variables("registry.example")


def test_files_refer_to_variables_of_the_host() -> None:
    assert classic_npmrc([URL]) == (
        f"//registry.example/npm/:_authToken=${{{NAMES.token}}}\n"
        f"//registry.example/npm/:_auth=${{{NAMES.basic}}}\n"
        f"//registry.example/npm/:always-auth=${{{NAMES.known}}}\n"
    )
    assert berry_settings([URL]) == {
        "npmRegistries": {
            "//registry.example/npm": {
                "npmAlwaysAuth": f"${{{NAMES.known}}}",
                "npmAuthToken": f"${{{NAMES.token}}}",
                "npmAuthIdent": f"${{{NAMES.basic}}}",
            }
        }
    }


def test_without_credentials_they_are_empty() -> None:
    assert unset([URL]) == {
        NAMES.token: "",
        NAMES.basic: "",
        NAMES.known: "false",
        NAMES.key: "without",
        NAMES.value: "",
    }
    assert (classic_npmrc([]), berry_settings([]), unset([])) == ("", {}, {})


def test_a_registry_without_tls_may_be_asked_where_its_url_says_so() -> None:
    assert berry_settings(["http://registry.example:8080/npm"])["unsafeHttpWhitelist"] == ["registry.example"]


@pytest.mark.parametrize("other", ["registry.example:8443", "registry-example", "registry.example.com"])
def test_each_host_has_variables_of_its_own(other: str) -> None:
    assert credential_variables(other).token != NAMES.token
    assert credential_variables("REGISTRY.example") == NAMES
    assert all(name.replace("_", "").isalnum() and name.isascii() for name in NAMES.values("", ""))
