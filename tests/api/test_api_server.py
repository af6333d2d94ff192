"""The door of a real server: what its document says is run, and what a foreign page tries comes to nothing."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext

from harness.processes import ROOT, AppServer
from mnist_core.recognition.preprocessing import as_canvas, prepare
from mnist_core.storage.browsers import new_browser_id
from mnist_core.storage.records import Room
from mnist_core.storage.store import Store
from tests.api.conftest import STROKE, fits

DOCUMENT = (ROOT / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(sh|python|json|text)\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
PREPARING = next(code for kind, code in BLOCKS if "def prepare" in code)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server that programs may teach."""
    running = AppServer(tmp_path_factory.mktemp("door"), env={"API": "teach"}).start(ready=True)
    yield running
    running.stop()


@pytest.fixture
def room(door: AppServer) -> Iterator[tuple[Store, Room]]:
    store = Store(folder=door.data_dir)
    opened, _ = store.rooms.open_ours("Class", new_browser_id(), each=99, together=99)
    yield store, opened
    store.close()


def test_the_examples_run(door: AppServer, room: tuple[Store, Room], tmp_path: Path) -> None:
    """In their order, in one folder; what one is said to answer, it answers."""
    store, opened = room
    seven = np.zeros((100, 100, 4), np.uint8)
    seven[20:28, 30:70, 3] = seven[20:80, 62:70, 3] = 255
    Image.fromarray(seven).save(tmp_path / "seven.png")
    environment = {**os.environ, "SERVER": door.url, "ROOM": opened.code}
    answered: list[str] = []
    for kind, code in BLOCKS:
        if kind == "json":
            assert json.loads(answered[-1]).keys() == json.loads(code).keys()
            assert json.loads(answered[-1])["digit"] == json.loads(code)["digit"]
        elif kind == "text" and answered:
            assert code == answered[-1] or code.startswith(("#", "."))
        elif kind in ("sh", "python"):
            shell = ["bash", "-euo", "pipefail", "-c"] if kind == "sh" else [sys.executable, "-c"]
            done = subprocess.run([*shell, code], cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, code + done.stdout + done.stderr
            answered.append(done.stdout)
    about = next(json.loads(text) for text in answered if '"base"' in text)
    assert about["lessons"] == len(store.room(opened.id).active().lesson_ids)


def test_the_preparation_of_the_document_is_ours() -> None:
    space: dict[str, object] = {}
    exec(PREPARING, space)
    ink, image = (
        np.array([[255 * (mark == "#") for mark in line] for line in text.splitlines()], np.uint8)
        for kind, text in BLOCKS
        if kind == "text" and text.startswith(("#", "."))
    )
    canvas = np.zeros((60, 60), np.uint8)
    canvas[20 : 20 + ink.shape[0], 30 : 30 + ink.shape[1]] = ink
    assert np.array_equal(prepare(as_canvas(canvas)), image)
    assert np.array_equal(space["prepare"](canvas.tolist()), image)  # type: ignore[operator]


def test_a_body_in_parts_is_read_no_further_than_it_may_be(door: AppServer) -> None:
    """Without a Content-Length nobody knows how long it will be."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
    connection.putrequest("POST", "/api/predict")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    part = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    connection.send(3 * part)  # and there is no last part
    answer = connection.getresponse()
    assert answer.status == 413 and json.load(answer)["kind"] == "too_many_bytes"
    connection.close()


def test_a_body_that_is_announced_too_large_is_not_waited_for(door: AppServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=60)
    connection.putrequest("POST", "/api/predict")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Content-Length", str(10**10))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413 and json.load(answer)["kind"] == "too_many_bytes"
    connection.close()


TRIES = """async ([server, body]) => {
    const tries = [];
    for (const mode of ["cors", "no-cors"])
        for (const type of ["application/json", "text/plain"])
            tries.push(fetch(`${server}/api/lessons`, {method: "POST", mode, credentials: "include", body,
                headers: {"Content-Type": type}}).then(answer => answer.type, () => "refused"));
    tries.push(Promise.resolve(navigator.sendBeacon(`${server}/api/lessons`, body)));
    return await Promise.all(tries);
}"""
FORM = """([server, body]) => {
    const form = Object.assign(document.createElement("form"),
        {method: "POST", enctype: "text/plain", action: `${server}/api/lessons`});
    const field = Object.assign(document.createElement("input"),
        {name: body.slice(0, -1) + ', "more": "', value: '"}'});
    form.append(field);
    document.body.append(form);
    form.submit();
}"""


class _ForeignPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Look here</title><body>")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_foreign_page_does_not_teach_for_a_visitor(
    door: AppServer, room: tuple[Store, Room], desk: BrowserContext
) -> None:
    """It knows the room's code, and the browser would send the visitor's cookie: it is of the same machine."""
    store, opened = room
    asked = []
    elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _ForeignPage)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    body = json.dumps({"room": opened.code, "drawings": [{"image": STROKE, "label": 1}]})
    try:
        desk.clear_cookies()
        page = desk.new_page()
        page.goto(f"{door.url}/api/model")  # a page of the server: it gives the browser its name
        assert [cookie["name"] for cookie in desk.cookies()] == ["mnist_browser"]
        page.on("request", lambda request: asked.append((request.method, request.url)))
        page.goto(f"http://127.0.0.1:{elsewhere.server_port}")
        assert set(page.evaluate(TRIES, [door.url, body])) <= {"refused", "opaque", True}
        with page.expect_navigation():
            page.evaluate(FORM, [door.url, body])
        assert json.loads(page.inner_text("body"))["status"] in (403, 415)
    finally:
        elsewhere.shutdown()
        elsewhere.server_close()
    assert [method for method, url in asked if url.endswith("/api/lessons")].count("POST") >= 4
    assert store.room(opened.id).active().lesson_ids == ()


def test_the_server_reads_as_its_model_does(door: AppServer) -> None:
    """And its answer is what its description says, over the network too."""
    from httpx2 import post

    answer = post(f"{door.url}/api/predict", json={"image": STROKE}, timeout=60)
    fits(answer, "Prediction", "Lines")
    assert answer.json()["digit"] == 1 and not answer.json()["doubted"]
