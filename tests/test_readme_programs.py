"""The README's examples for programs and for serving others, run as they stand there."""

import asyncio
import base64
import configparser
import contextlib
import gc
import io
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from app import build, main
from embeddings.encoder import Encoder
from qa import Quoth
from qa.reader import Reader
from qa.serving.server import Serving
from tests.conftest import NEWS
from tests.test_readme import README, ROOT
from tests.toy_page import ANN, Running, running, users_file

ADDRESS = "http://127.0.0.1:7860"
EXAMPLES = README.partition("## From programs\n")[2].partition("\n## ")[0]
SERVING = README.partition("## Serving others\n")[2].partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the invented articles in my/articles."""
    folder = tmp_path_factory.mktemp("readme")
    articles = folder / "my" / "articles"
    articles.mkdir(parents=True)
    for name, text in NEWS.items():
        (articles / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def served(there: Path, real_encoder: Encoder, real_reader: Reader) -> Iterator[Running]:
    """The page over these articles."""
    session = Quoth(
        there / "my/articles", index=there / "index", encoder=real_encoder, reader=real_reader
    )
    with running(page=lambda: build(session)) as server:
        yield server


def to(served: Running, example: str) -> str:
    return example.replace(ADDRESS, f"http://127.0.0.1:{served.port}")


@pytest.mark.models
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_python(there: Path, served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example prints what its comments say; an answer shows itself in a notebook."""
    monkeypatch.chdir(there)
    names: dict[str, Any] = {}
    examples = blocks(EXAMPLES, "python")
    assert len(examples) == 4
    for example in examples:
        said = re.findall(r"print\(.*\)  # (.*)", example)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(to(served, example), names)
        assert out.getvalue().splitlines() == said
    shown = eval(examples[1].strip(), names)._repr_html_()
    assert ">Tom Ferrow</mark>" in shown
    names["client"].close()
    gc.collect()


@pytest.mark.models
def test_curl(served: Running) -> None:
    """The lines for a shell give the events of an answer and of three passages."""
    if not (shutil.which("curl") and shutil.which("sh")):
        pytest.skip("no curl and sh on this machine")
    (example,) = blocks(EXAMPLES, "sh")
    told = subprocess.run(
        ["sh", "-eu", "-c", to(served, example)], check=True, capture_output=True, text=True, timeout=60,
        env=os.environ | {"no_proxy": "127.0.0.1"},
    ).stdout  # fmt: skip
    (answer,), (passages,) = (
        json.loads(line.removeprefix("data: "))
        for line in told.splitlines()
        if line.startswith("data: ")
    )
    assert answer["text"] == "Tom Ferrow"
    assert len(passages) == 3


@pytest.mark.models
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_addresses(served: Running, there: Path) -> None:
    """The configuration for agents names an MCP server, with users by the header; the description
    of the functions is where it is said to be."""
    (configuration,) = blocks(EXAMPLES, "json")
    server = json.loads(to(served, configuration))["mcpServers"]["quoth"]
    assert server["type"] == "http"

    async def tools(address: str, headers: dict[str, str]) -> int:
        async with (
            httpx.AsyncClient(headers=headers) as http,
            streamable_http_client(address, http_client=http) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            return len((await session.list_tools()).tools)

    assert asyncio.run(tools(server["url"], {})) == 3
    (described,) = re.findall(rf"<{ADDRESS}(.*?)>", EXAMPLES)
    assert served.send("GET", described).json["info"]["title"] == "Quoth"
    with running(Serving(users=users_file(there))) as private:
        secret = base64.b64encode(":".join(ANN).encode()).decode()
        address = json.loads(to(private, configuration))["mcpServers"]["quoth"]["url"]
        assert asyncio.run(tools(address, {"Authorization": f"Basic {secret}"})) == 1
    gc.collect()


def test_options() -> None:
    """Every option that is named exists, with the default that is shown; commands can be read."""
    known = {name: option for option in main.params for name in option.opts}
    for name, value in re.findall(r"^\| `(--[a-z-]+)(?: ([\w./]+))?` \|", SERVING, re.MULTILINE):
        assert name in known, name
        if name in ("--rate", "--upload-mb"):
            assert str(known[name].default) == value
    (unit,) = blocks(SERVING, "ini")
    service = configparser.ConfigParser(interpolation=None)
    service.optionxform = str  # type: ignore[assignment, method-assign]
    service.read_string(unit)
    start = shlex.split(service["Service"]["ExecStart"])
    assert start[1] == "app.py"
    run = blocks(SERVING, "sh")[0].replace("\\\n", "").splitlines()[-1]
    for args in (
        start[2:],
        shlex.split(run.rpartition(" quoth ")[2]),
        re.findall(r"`python app.py (--auth .*?)`", SERVING)[0].split(),
    ):
        read = main.make_context("app.py", list(args), resilient_parsing=True).params
        assert read["auth"]
    assert int(service["Service"]["TimeoutStopSec"]) > 30


def test_the_container_has_all_it_needs() -> None:
    """What is copied is there, and is all that the package is made of."""
    (recipe,) = blocks(SERVING, "dockerfile")
    copied = [word for line in re.findall(r"^COPY (.*) \S+$", recipe, re.MULTILINE) for word in line.split()]  # fmt: skip
    assert all((ROOT / name).exists() for name in copied)
    project = (ROOT / "pyproject.toml").read_text()
    for named in re.findall(r'(?:readme = "|license-files = \["|packages = \[")([\w.]+)', project):
        assert named in copied
    assert {"app.py", "constraints.txt", "corpus", "embeddings", "qa"} <= set(copied)
    assert "pip install --no-cache-dir -c constraints.txt -e ." in recipe


def test_nginx() -> None:
    """What the proxy hands on is what the guard goes by: host, scheme and address."""
    (configuration,) = blocks(SERVING, "nginx")
    assert configuration.count("{") == configuration.count("}")
    assert f"proxy_pass {ADDRESS}/;" in configuration
    for name in ("Host $http_host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {name};" in configuration
    assert f"client_max_body_size {Serving().uploads_mb:g}m;" in configuration
