"""Who counts as sitting at the machine that serves: nobody who comes through a proxy or from elsewhere."""

import pytest

from ui.owner import at_this_machine

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("name", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost"])
def test_a_browser_on_the_machine_is_the_owners(address: str | None, name: str) -> None:
    assert at_this_machine({"Host": name, "Origin": f"http://{name}"}, address)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, None),
        ({"Host": "localhost:8501"}, None),
        (HERE, "192.0.2.7"),
        (HERE, "::ffff:192.0.2.7"),
        (HERE | {"X-Forwarded-For": "192.0.2.7"}, None),
        (HERE | {"Forwarded": "for=192.0.2.7"}, None),
        (HERE | {"X-Real-Ip": "192.0.2.7"}, None),
        (HERE | {"Origin": "https://demo.example"}, None),
        (HERE | {"Host": "demo.example"}, None),
        (HERE | {"Origin": "http://localhost.evil.example"}, None),
    ],
)
def test_anybody_else_is_not(headers: dict[str, str], address: str | None) -> None:
    assert not at_this_machine(headers, address)
