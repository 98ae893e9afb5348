"""What all tests share. No test reaches the network: pytest is run with sockets refused."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from embeddings.encoder import Encoder
from qa.reader import Reader
from tests.fakes import FakeEncoder

# No example of a property test is judged by its time: machines differ.
settings.register_profile("quoth", deadline=None)
settings.load_profile("quoth")

NEWS = {
    "bridge.txt": "Old bridge closes for repair\n\nThe Harlow bridge closed on 3 May 2019. "
    "Mayor Ada Birch said that 42 cars had crossed it on its last day. The repair costs 9 million euros.",
    "bakery.txt": "Bakery opens in Harlow\n\nA bakery opened in Mill Lane. Its owner, Tom Ferrow, bakes 300 loaves a day. "
    "The bakery employs 7 people.",
    "storm.txt": "Storm over the coast\n\nA storm broke 14 windows in the town hall. Nobody was hurt, the fire brigade said.",
}


@pytest.fixture(autouse=True)
def quoth_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a data folder of its own, and none touches the user's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("QUOTH_HOME", str(home))
    return home


@pytest.fixture
def encoder() -> FakeEncoder:
    """An encoder without a model."""
    return FakeEncoder()


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder of three invented articles."""
    folder = tmp_path / "news"
    folder.mkdir()
    for name, text in NEWS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and return its path: ``write("a.txt", "text or bytes")``."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture(scope="session")
def raw_articles() -> Path:
    """The folder of raw news articles, where the machine has it."""
    folder = Path(os.environ.get("QUOTH_DATA", "")) / "articles"
    if not os.environ.get("QUOTH_DATA") or not folder.is_dir():
        pytest.skip("QUOTH_DATA does not name a folder with articles/")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The path of a Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine")
    return path


@pytest.fixture(scope="session")
def bundled_page(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[str]:
    """The address of a page over the bundled articles."""
    from tests.browsing import serving

    with serving(tmp_path_factory.mktemp("page")) as address:
        yield address


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    """The packaged encoder, loaded once."""
    from embeddings.encoder import SentenceEncoder

    return SentenceEncoder()


@pytest.fixture(scope="session")
def real_reader() -> Reader:
    """The bundled reader, loaded once."""
    from qa.reader import SpanReader

    return SpanReader()
