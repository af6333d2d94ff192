"""A class without the internet: a laptop whose only network is its own, with the class in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.hand import DIGIT_STROKES, PATIENCE_MS, add, draw, open_app, reads, sheet, train
from harness.processes import AppServer, chromium, program, wait_until
from tests.browser.test_rooms import open_room

LAPTOP = "192.168.4.1"
# Nothing but this machine and its neighbours can be reached: no router, no name server.
ALONE = f'ip link set lo up && ip address add {LAPTOP}/24 dev lo && exec "$@"'


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[AppServer]:
    """A server in a network of its own that, as `python3 run.py` has it, serves whoever comes."""
    server = AppServer(tmp_path / "laptop", terminal=True)
    address = server.command.index("--server.address")
    command = [*server.command[:address], *server.command[address + 2 :]]
    server.command = ["unshare", "--map-root-user", "--net", "sh", "-c", ALONE, "sh", *command]
    server.launch()
    yield server
    server.stop()


@pytest.fixture
def in_that_network(laptop: AppServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium starts in the laptop's network."""
    enter = f"exec nsenter --target {laptop.pid} --user --net --preserve-credentials"
    script = tmp_path / "chromium"
    script.write_text(f'#!/bin/sh\n{enter} {program("chromium")} "$@"\n')
    script.chmod(0o700)
    monkeypatch.setenv("CHROMIUM", str(script))


@pytest.mark.usefixtures("in_that_network")
def test_a_class_comes_draws_and_teaches_without_the_internet(laptop: AppServer) -> None:
    wait_until(lambda: "?owner=" in laptop.log(), 120, "what the terminal shows")
    invitation = f"http://{LAPTOP}:{laptop.port}"
    assert f"Others in this network: {invitation}\n" in laptop.log().replace("\r", "")
    assert "█" in laptop.log(), "the QR picture"
    with chromium() as browser:
        teacher, pupil = (browser.new_context(locale="en-GB").new_page() for _ in range(2))
        open_app(teacher, laptop)  # at 127.0.0.1, which on a pupil's device is that device
        link, _ = open_room(teacher, "Class 4B")
        assert link.startswith(f"{invitation}/?room=")
        board = teacher.locator("a[href*='/board?room=']").get_attribute("href")
        teacher.goto(str(board))
        expect(teacher.get_by_text(link.removeprefix("http://"))).to_be_visible()
        pupil.set_default_timeout(PATIENCE_MS)
        pupil.goto(link)
        sheet(pupil).wait_for()
        draw(pupil, DIGIT_STROKES[7])
        reads(pupil, "7")
        pupil.get_by_role("button", name="Clear the sheet").click()
        add(pupil, DIGIT_STROKES[3])
        train(pupil, 3)
        expect(pupil.locator(".st-key-proof")).to_be_visible()
        expect(teacher.locator(".st-key-board_news img")).to_have_count(1)
    assert '"level": "error"' not in laptop.log()
