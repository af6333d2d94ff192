"""The store on either engine."""

from collections.abc import Iterator

import pytest

from mnist_core.storage.store import Store


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()
