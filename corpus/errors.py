"""Every error that Quoth raises on purpose.

::

    QuothError
    ├── CorpusError        a folder or file that cannot serve as a corpus
    ├── IndexUnusable      an index that cannot be opened, or that something else made
    └── ModelUnusable      an encoder or reader that cannot be loaded

The message of each is one line: what was found, what was expected, how to mend it.
"""

__all__ = ["CorpusError", "IndexUnusable", "ModelUnusable", "QuothError"]


class QuothError(Exception):
    """Base of all errors whose message is meant for the user."""


class CorpusError(QuothError):
    """The path does not exist, or holds no article that could be read."""


class IndexUnusable(QuothError):
    """The index is damaged, locked, or was made with another encoder or schema."""


class ModelUnusable(QuothError):
    """The model is missing, has the wrong hash, or is of the wrong kind."""
