"""What is told to those who are served, without where things lie on the server."""

import os
import tempfile
from pathlib import Path

from corpus.files import readable
from qa.library import Library

__all__ = ["without_places"]


def without_places(text: str, library: Library) -> str:
    """A message with the files that it names called as they are called in their folders.

    Errors name whole paths, for those who keep the server; who asks over the network needs none.
    """
    session = library.session
    folders = {library.uploads.folder, session.index.folder, session.index.folder.parent}
    folders |= {session.corpus.parent} if session.corpus else set()
    folders |= {Path(tempfile.gettempdir()), Path(os.path.expanduser("~")), Path.cwd()}
    spelled = {said for one in folders for said in (str(one), one.as_posix(), readable(str(one)))}
    for said in sorted(spelled, key=len, reverse=True):
        if len(said) > 1:
            text = text.replace(said.rstrip("/\\") + os.sep, "").replace(f"{said}/", "")
    return text
