"""What every test may ask for: MNIST, a browser, real servers. Each test gets data folders of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from harness.data import use_mnist_nearby
from harness.processes import ROOT, AppServer, Nginx, Postgres, chromium
from mnist_core import Classifier
from mnist_core.files.mnist import Mnist, load_mnist

StartServer = Callable[..., AppServer]
StartNginx = Callable[[Sequence[int]], Nginx]

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)

# A busy machine is slow, and that is no fault of the code: what is slow is said by the benchmarks.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


use_mnist_nearby()

LONGEST_FIRST = (
    "test_reloading.py",
    "test_faults.py",
    "test_engines.py",
    "test_drawing.py",
    "test_build.py",
    "browser",
    "servers",
    "test_code_style.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: workers that take file after file then end at about the same time."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: min(places.get(part, len(places)) for part in item.path.parts))


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """MNIST itself; a machine that has it nowhere and cannot download it is told how to name it."""
    return load_mnist()


@pytest.fixture(scope="session")
def clf() -> Classifier:
    """The committed model, untaught. Nothing changes a classifier, so one serves all tests."""
    return Classifier.load()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start app servers: `start_server(env={...}, data_dir=..., ready=True)`; they end with the test."""
    started: list[AppServer] = []

    def start(
        *,
        env: Mapping[str, str] | None = None,
        data_dir: Path | None = None,
        port: int | None = None,
        ready: bool = False,
        terminal: bool = False,
    ) -> AppServer:
        folder = data_dir or tmp_path / f"server{len(started)}"
        server = AppServer(folder, env=env, port=port, terminal=terminal)
        started.append(server)
        return server.start(ready=ready)

    yield start
    for server in started:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, on either engine."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'kept' / 'lessons.db'}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """One ready app server for all tests that do not mind each other's lessons."""
    running = AppServer(tmp_path_factory.mktemp("server")).start(ready=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")  # Playwright runs an event loop here: tests that run their own find none left behind
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@contextlib.contextmanager
def new_tab(context: BrowserContext) -> Iterator[Page]:
    """A tab in a browser that nobody knows; it has Streamlit's files from the tests before.

    The tab of the test before ends with this one's: beside another, a tab begins in half the time.
    """
    earlier = context.pages
    context.clear_cookies()
    yield context.new_page()
    for tab in earlier:
        tab.close()


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=DESKTOP, locale="en-GB") as context:
        yield context


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    """A visitor at a desk, in English."""
    with new_tab(desk) as tab:
        yield tab


@pytest.fixture(scope="module")
def mobile(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2, locale="es-ES"
    ) as context:
        yield context


@pytest.fixture
def phone(mobile: BrowserContext) -> Iterator[Page]:
    """A visitor with a phone and a finger, in Spanish."""
    with new_tab(mobile) as tab:
        yield tab


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Postgres]:
    """A PostgreSQL of our own. Not under pytest's folder, which PostgreSQL's user may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="digits-postgres-"))
    folder.chmod(0o755)
    cluster = Postgres(folder / "cluster")
    try:
        yield cluster.start()
    finally:
        if cluster.running:
            cluster.stop("immediate")
        shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_cluster: Postgres) -> Postgres:
    """The cluster, running, even when the test before this one stopped it."""
    return postgres_cluster if postgres_cluster.running else postgres_cluster.start()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.new_database()


@pytest.fixture
def start_nginx(tmp_path: Path) -> Iterator[StartNginx]:
    """Start nginx before servers on these ports: `start_nginx([a.port, b.port])`; it ends with the test."""
    started: list[Nginx] = []

    def start(app_ports: Sequence[int]) -> Nginx:
        started.append(Nginx(tmp_path / f"nginx{len(started)}", app_ports))
        return started[-1].start()

    yield start
    for nginx in started:
        nginx.stop()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> ForkServerContext:
    """Starts processes that have already imported what takes long, so that twenty starts are quick."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.workers", "alembic.command"])
    return context
