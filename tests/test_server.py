"""What server.py adds to the pages: readiness, a name for the browser, logs; with the real server."""

from __future__ import annotations

import json
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from harness.processes import AppServer, wait_until
from mnist_core.storage.browsers import new_browser_id
from server import send_at_once
from tests.conftest import StartServer


def cookies_set(url: str, **headers: str) -> list[str]:
    """The cookies that the answer to `url` sets."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers.get_all("Set-Cookie") or []


def readiness(url: str) -> tuple[int, dict[str, bool]]:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_page_gives_the_browser_a_name_that_scripts_cannot_read(server: AppServer) -> None:
    cookies = [cookies_set(server.url, Accept="text/html")[0] for _ in range(2)]
    for cookie in cookies:
        assert re.match(r"mnist_browser=[0-9a-f]{32};", cookie)
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
    assert cookies[0] != cookies[1]


def test_behind_https_the_name_travels_only_encrypted(server: AppServer) -> None:
    (cookie,) = cookies_set(server.url, Accept="text/html", X_Forwarded_Proto="https")
    assert cookie.endswith("; Secure")


@pytest.mark.parametrize("path", ["", "/learned"])
def test_a_name_once_given_is_kept_for_a_year_from_each_visit_on(server: AppServer, path: str) -> None:
    given = f"mnist_browser={new_browser_id()}"
    (cookie,) = cookies_set(server.url + path, Accept="text/html", Cookie=given)
    assert cookie.startswith(f"{given}; ") and "Max-Age=31536000" in cookie


@pytest.mark.parametrize("made_up", ["", "1", "x" * 32, "a" * 5000, "../../etc/passwd"])
def test_a_name_that_the_app_never_gave_is_replaced(server: AppServer, made_up: str) -> None:
    assert len(cookies_set(server.url, Accept="text/html", Cookie=f"mnist_browser={made_up}")) == 1


def test_pictures_and_scripts_bring_no_names(server: AppServer) -> None:
    assert cookies_set(f"{server.url}/favicon.png", Accept="image/*") == []


def test_ready_means_model_and_store(server: AppServer) -> None:
    assert readiness(server.url) == (200, {"model": True, "store": True})


def test_without_its_model_a_server_is_alive_but_not_ready_and_says_why(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(env={"MNIST_MODELS_DIR": str(tmp_path / "nothing")})
    assert readiness(server.url)[0] == 503
    wait_until(lambda: readiness(server.url)[1] == {"model": False, "store": True}, 30, "the store")
    wait_until(lambda: "model_not_loaded" in server.log(), 30, "a log line about the model")
    (line,) = [json.loads(line) for line in server.log().splitlines() if "model_not_loaded" in line]
    assert line["level"] == "error"
    assert "python -m mnist_core.pretrain" in line["reason"]


def test_a_terminal_shows_the_owners_link(start_server: StartServer) -> None:
    server = start_server(terminal=True)
    link = server.owner_link()
    assert re.fullmatch(rf"http://127\.0\.0\.1:{server.port}/learned\?owner=[\w-]{{24}}", link)
    assert server.log().count("?owner=") == 1


@pytest.mark.parametrize(
    ("terminal", "env"),
    [(False, {}), (True, {"OWNER_PASSWORD": "open sesame"}), (True, {"OWNER_EMAILS": "ana@example.org"})],
)
def test_a_log_gets_no_owners_link_nor_a_terminal_where_there_is_another_way(
    start_server: StartServer, terminal: bool, env: dict[str, str]
) -> None:
    server = start_server(terminal=terminal, env=env)
    wait_until(lambda: "store_opened" in server.log(), 30, "the store")
    server.stop()
    assert "owner=" not in server.log()


def test_parts_of_an_answer_do_not_wait_for_each_other() -> None:
    with socket.socket(socket.AF_INET) as listening:  # without its protocol's number, as Streamlit makes its own
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        send_at_once()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_server_that_is_told_to_stop_stops_in_order(start_server: StartServer) -> None:
    server = start_server()
    server.stop()
    assert json.loads(server.log().splitlines()[-1])["event"] == "closed"
