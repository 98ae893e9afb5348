"""How a disk is harmed: files damaged, a disk that fills up, a folder that cannot be written."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["DAMAGES", "CannotTryError", "allow_writing", "damage", "small_disk"]

DAMAGES = ("truncated", "flipped", "garbage", "deleted", "rotten")

_ROOM = 64_000_000  # bytes of the disk that fills up


class CannotTryError(Exception):
    """A fault that cannot be brought about on this system, or by this user."""


def damage(file: Path, how: str, rng: random.Random) -> None:
    """Put a damaged file in the place of a sound one; "rotten" ones as a failing disk leaves
    them, with the size and the time that they had."""
    data, facts = bytearray(file.read_bytes()), file.stat()
    file.unlink()  # not in place: who has it open keeps what he has
    if how == "deleted":
        return
    if how == "truncated":
        data = data[: rng.randrange(max(1, len(data)))]
    elif how == "garbage":
        data = bytearray(rng.randbytes(len(data)))
    else:
        for _ in range(rng.choice([1, 10, 100]) if data else 0):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    file.write_bytes(data)
    if how == "rotten":
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own that has little room, in memory."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "quoth", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotTryError("nothing can be mounted here") from error
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607


def allow_writing(folder: Path, allowed: bool) -> None:
    """Let the owner write into the folder and what is in it, or nobody."""
    for place in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):  # who works there removes files
            mode = place.stat().st_mode
            place.chmod(mode | 0o200 if allowed else mode & ~0o222)
