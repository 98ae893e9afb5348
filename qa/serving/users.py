"""The file of users: a name and the hash of a password on each line."""

import hmac
import logging
import os
import secrets
import stat
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from corpus.characters import printable
from corpus.errors import QuothError

__all__ = ["Users", "UsersError", "hashed", "read_users", "user_name"]

_LONGEST_NAME = 64
_LONGEST_PASSWORD = 1024  # characters; more is somebody's attempt to keep the computer busy
_KEPT = 1000  # verified credentials remembered

_log = logging.getLogger("quoth")
_hasher = PasswordHasher()

_State = tuple[int, int, int, int] | None


class UsersError(QuothError):
    """The file of users cannot be used as it is."""


def user_name(name: str) -> str:
    """The name, if it can be one. Raises UsersError for any other."""
    if (
        not name
        or len(name) > _LONGEST_NAME
        or name != name.strip()
        or not name.isprintable()
        or name.startswith("#")
        or ":" in name
    ):
        raise UsersError(
            f"{printable(name)!r} cannot be a user's name; expected 1 to {_LONGEST_NAME} printable "
            'characters without ":", no "#" first and no space at the ends'
        )
    return name


def hashed(password: str) -> str:
    """The argon2id hash of a password. Raises UsersError for an empty or an endless one."""
    if not password or len(password) > _LONGEST_PASSWORD:
        raise UsersError(f"a password has 1 to {_LONGEST_PASSWORD:,} characters")
    return _hasher.hash(password)


def read_users(path: Path) -> dict[str, str]:
    """Hashes by name, in the order of the file. Raises UsersError, one line for what is wrong."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise UsersError(
            f"{path}: no such file of users; make one with: quoth users add NAME --file {path}"
        ) from None
    except UnicodeDecodeError:
        raise UsersError(f"{path}: not a text file in UTF-8; expected lines NAME:HASH") from None
    except OSError as error:
        raise UsersError(f"{path}: cannot be read ({error.strerror})") from None
    users: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, _, kept = line.partition(":")
        try:
            user_name(name)
            extract_parameters(kept)
        except (UsersError, InvalidHashError):
            raise UsersError(
                f"{path}, line {number}: not NAME:HASH with an argon2 hash; "
                f"write it with: quoth users add NAME --file {path}"
            ) from None
        if name in users:
            raise UsersError(f"{path}, line {number}: user {name!r} is there twice; remove one")
        users[name] = kept
    return users


class Users:
    """Who may come in. Safe to use from several threads.

    The file is read again when it changes. While it cannot be used nobody is let in, and the log
    says why.
    """

    def __init__(self, path: Path, users: dict[str, str], state: _State) -> None:
        self._path, self._users, self._state = path, users, state
        self._lock = Lock()
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, None] = OrderedDict()
        self._nobody = _hasher.hash(secrets.token_urlsafe())

    @classmethod
    def load(cls, path: str | Path) -> "Users":
        """The users of a file. Raises UsersError, with one line to show to people."""
        path = Path(path)
        state = _state(path)
        users = read_users(path)
        if not users:
            raise UsersError(
                f"{path}: no users in it; add one with: quoth users add NAME --file {path}"
            )
        if os.name == "posix" and state is not None and state[3] & stat.S_IROTH:
            _log.warning("%s can be read by everybody on this computer; mend: chmod 600", path)
        return cls(path, users, state)

    def known(self, name: str, password: str) -> bool:
        """Whether these were verified before, and the file is the same since. Quick."""
        with self._lock:
            self._refresh()
            sign = self._sign(name, password)
            if sign not in self._verified:
                return False
            self._verified.move_to_end(sign)
            return True

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password; the same work for names that are none."""
        if self.known(name, password):
            return True
        with self._lock:
            users = self._users
        kept = users.get(name)
        try:
            _hasher.verify(kept or self._nobody, password[:_LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        if kept is None or len(password) > _LONGEST_PASSWORD:
            return False
        with self._lock:
            if self._users.get(name) != kept:  # changed while this was worked out
                return False
            self._verified[self._sign(name, password)] = None
            if len(self._verified) > _KEPT:
                self._verified.popitem(last=False)
        return True

    def _sign(self, name: str, password: str) -> bytes:
        both = f"{name}\0{password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, both, "sha256")

    def _refresh(self) -> None:
        if (state := _state(self._path)) == self._state:
            return
        self._state = state
        self._verified.clear()
        try:
            self._users = read_users(self._path)
            _log.info("%s: read again, %d users", self._path, len(self._users))
        except UsersError as error:
            self._users = {}
            _log.error("nobody is let in: %s", error)


def _state(path: Path) -> _State:
    """What changes when a file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode
