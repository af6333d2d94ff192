"""What docs/hosting.md promises of deploy/nginx.conf, and that the test machinery itself does what it says."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
import tomllib
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import httpx2
import psycopg
import pytest

from harness.processes import ROOT, Postgres
from mnist_core.files.lessons import LARGEST_LESSON_FILE
from mnist_core.serving.settings import Settings
from mnist_core.serving.shared_model import LAST_LESSON_S
from tests.conftest import StartNginx


class _SaysWho(http.server.BaseHTTPRequestHandler):
    """Stands in for an app process: answers with its port and with what nginx passed on."""

    server: http.server.ThreadingHTTPServer

    def do_GET(self) -> None:
        body = f"{self.server.server_port} {self.headers['Host']} {self.headers['X-Forwarded-For']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def two_processes() -> Iterator[list[http.server.ThreadingHTTPServer]]:
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), _SaysWho) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


class _Visitor:
    """A browser as far as cookies go."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self) -> list[str]:
        with self._opener.open(self.url, timeout=5) as answer:
            return str(answer.read().decode()).split()


def test_a_browser_stays_with_one_process_and_browsers_are_spread(
    start_nginx: StartNginx, two_processes: list[http.server.ThreadingHTTPServer]
) -> None:
    nginx = start_nginx([server.server_port for server in two_processes])
    reached = set()
    for _ in range(20):
        visitor = _Visitor(nginx.url)
        ports = {visitor.get()[0] for _ in range(5)}
        assert len(ports) == 1
        reached |= ports
    assert reached == {str(server.server_port) for server in two_processes}


def test_the_app_sees_the_real_host_and_address(
    start_nginx: StartNginx, two_processes: list[http.server.ThreadingHTTPServer]
) -> None:
    nginx = start_nginx([two_processes[0].server_port])
    _, host, address = _Visitor(nginx.url).get()
    assert (host, address) == (f"127.0.0.1:{nginx.port}", "127.0.0.1")


def test_the_app_is_not_told_what_a_client_says_of_its_address(
    start_nginx: StartNginx, two_processes: list[http.server.ThreadingHTTPServer]
) -> None:
    """Programs are counted by it; and a process takes the word of whoever it trusts."""
    nginx = start_nginx([two_processes[0].server_port])
    request = urllib.request.Request(nginx.url, headers={"X-Forwarded-For": "203.0.113.7"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.read().split()[2:] == [b"127.0.0.1"]


def test_a_picture_for_the_api_goes_through_nginx(
    start_nginx: StartNginx, two_processes: list[http.server.ThreadingHTTPServer]
) -> None:
    nginx = start_nginx([two_processes[0].server_port])
    statuses = []
    for path, size in (("/api/predict", Settings.upload_bytes), ("/api/predict", 11 * 2**20), ("/", 2 * 2**20)):
        answer = httpx2.post(nginx.url + path, content=b"x" * size, timeout=30)
        statuses.append(answer.status_code)
    assert statuses == [200, 413, 413]


def test_visitors_of_a_dead_process_move_to_the_other(
    start_nginx: StartNginx, two_processes: list[http.server.ThreadingHTTPServer]
) -> None:
    nginx = start_nginx([server.server_port for server in two_processes])
    visitors = [_Visitor(nginx.url) for _ in range(8)]
    before = [visitor.get()[0] for visitor in visitors]
    dead = next(server for server in two_processes if str(server.server_port) == before[0])
    alive = next(server for server in two_processes if server is not dead)
    dead.shutdown()
    dead.server_close()
    assert {visitor.get()[0] for visitor in visitors} == {str(alive.server_port)}


def test_databases_are_empty_and_survive_a_stop(postgres: Postgres) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    assert first != second
    plain = first.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        connection.execute("CREATE TABLE lesson (id int)")
    postgres.stop("immediate")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain)
    postgres.start()
    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT count(*) FROM lesson").fetchone() == (0,)
    with psycopg.connect(second.replace("+psycopg", "")) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT count(*) FROM lesson")


@pytest.mark.parametrize(
    "command",
    [
        "hadolint Dockerfile",
        "check-jsonschema --builtin-schema vendor.compose-spec compose.yaml",
        "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml",
    ],
)
def test_hosting_files_are_well_formed(command: str) -> None:
    linter, *arguments = command.split()
    done = subprocess.run(
        [Path(sys.executable).parent / linter, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_holds_every_file_that_the_app_is_made_of() -> None:
    """The Dockerfile copies by name, so a new module or folder beside app.py must be named there."""
    copied = re.findall(r"^COPY (?:--chown=\S+ )?(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = {name.rstrip("/") for line in copied for name in line.split()}
    imported = {
        module.split(".")[0]
        for source in [ROOT / "app.py", ROOT / "server.py", *ROOT.glob("app_pages/*.py"), *ROOT.glob("ui/**/*.py")]
        for module in re.findall(r"^ *(?:from|import) ([\w.]+)", source.read_text(), re.MULTILINE)
    }
    ours = {path.stem if path.suffix == ".py" else path.name for path in ROOT.iterdir()} & imported
    assert ours >= {"mnist_core", "ui", "api"}
    assert ours <= {Path(name).stem for name in names}


def test_hosts_wait_until_everything_is_closed() -> None:
    """A lesson in hand may take LAST_LESSON_S, what follows the store ten seconds more."""
    waits = [
        re.search(r"stop_grace_period: (\d+)s", (ROOT / "compose.yaml").read_text()),
        re.search(r"TimeoutStopSec=(\d+)", (ROOT / "docs" / "hosting.md").read_text()),
        re.search(r"docker stop --time (\d+)", (ROOT / "docs" / "operations.md").read_text()),
        re.search(r"docker stop --time (\d+)", (ROOT / ".github" / "workflows" / "ci.yml").read_text()),
    ]
    assert all(wait and int(wait[1]) > LAST_LESSON_S + 10 for wait in waits)


def test_the_image_is_well_as_long_as_no_restart_would_help() -> None:
    restarting = re.search(r"`(\S+)` \|.*\| restarting it", (ROOT / "docs" / "operations.md").read_text())
    check = re.search(r"HEALTHCHECK .*\\\n.*127\.0\.0\.1:%s(/[\w/]+)'", (ROOT / "Dockerfile").read_text())
    assert restarting and check and restarting[1] == check[1]


def test_a_lesson_file_fits_into_a_message() -> None:
    """It comes as base64 through the WebSocket; nothing comes by Streamlit's uploads, which need no room."""
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert server["maxWidgetStateSize"] * 10**6 > LARGEST_LESSON_FILE * 4 / 3 + 10**6
    assert server["maxUploadSize"] == 1
