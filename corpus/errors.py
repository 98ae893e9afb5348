"""Every error that Quoth raises on purpose.

::

    QuothError
    ├── CorpusError          a folder or file that cannot serve as a corpus
    ├── UnusableIndexError   an index that cannot be opened, or that something else made
    └── UnusableModelError   an encoder or reader that cannot be loaded

The message of each is one line: what was found, what was expected, how to mend it.
"""

__all__ = ["CorpusError", "QuothError", "UnusableIndexError", "UnusableModelError"]


class QuothError(Exception):
    """Base of all errors whose message is meant for the user."""


class CorpusError(QuothError):
    """The path does not exist, or holds no article that could be read."""


class UnusableIndexError(QuothError):
    """The index is damaged, locked, or was made with another encoder or schema."""


class UnusableModelError(QuothError):
    """The model is missing, has the wrong hash, or is of the wrong kind."""
