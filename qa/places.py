"""Where indexes live when the user does not say."""

import hashlib
import os
from pathlib import Path

import platformdirs

from corpus import BUNDLED
from corpus.chunking import CHUNKER_VERSION
from corpus.files import located
from embeddings.database import DATABASE, SCHEMA_VERSION

__all__ = ["cache_for", "data_folder", "default_index", "exists"]


def data_folder() -> Path:
    """The user's data folder for Quoth; the environment variable QUOTH_HOME overrides it."""
    return located(os.environ.get("QUOTH_HOME") or platformdirs.user_data_dir("quoth"))


def default_index() -> Path:
    """Where ``quoth index`` puts articles when no other place is given."""
    return data_folder() / "index"


def exists(index: str | Path) -> bool:
    """Whether there is an index in this folder."""
    return (located(index) / DATABASE).exists()


def cache_for(corpus: str | Path, encoder: str) -> Path:
    """The index of a corpus that is asked directly. Another encoder, or another version of
    the schema or the chunker, has another place: such an index is never in the way."""
    path = located(corpus)
    versions = f"{path}\n{encoder}\n{SCHEMA_VERSION}\n{CHUNKER_VERSION}"
    name = "bundled" if path == located(BUNDLED) else path.name
    return (
        data_folder() / "corpora" / f"{name}-{hashlib.sha256(versions.encode()).hexdigest()[:10]}"
    )
