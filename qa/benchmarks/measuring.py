"""What benchmarks measure with: memory, times, and processes that start afresh."""

import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import click
import numpy as np

from embeddings.encoder import Encoder, Vectors

__all__ = [
    "Memory",
    "Percentiles",
    "TimedEncoder",
    "benchmark_options",
    "disk_bytes",
    "in_fresh_process",
    "machine",
    "memory",
    "peak_bytes",
    "timed",
]

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


def benchmark_options(function: Callable[..., None]) -> Callable[..., None]:
    """What the commands that make up a corpus have in common: stand_in, folder, seed, json_file
    and chart."""
    options = (
        click.option("--stand-in", is_flag=True, help="Encode with means of word embeddings."),
        click.option("--folder", type=_FOLDER, help="Keep what is made here."),
        click.option("--seed", default=0, help="Another seed, other articles."),
        click.option("--json", "json_file", type=_FILE, help="Write all figures here."),
        click.option("--chart", type=_FILE, help="Draw them as a PNG (needs matplotlib)."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process has in memory, in bytes: its own, and parts of files that it has mapped,
    which the system takes back when it needs the room."""

    anon: int
    file: int

    def __sub__(self, other: "Memory") -> "Memory":
        return Memory(self.anon - other.anon, self.file - other.file)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of times, in milliseconds: half, 95 and 99 in 100 were no longer."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Percentiles":
        """Interpolated between the nearest two."""
        return cls(*(1000 * np.percentile(seconds, [50, 95, 99])).tolist())


class TimedEncoder:
    """An encoder that adds up the seconds spent in it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension, self.limit = encoder.name, encoder.dimension, encoder.limit
        self.encoding = self.splitting = 0.0

    def pieces(self, text: str, /) -> Sequence[tuple[int, int]]:
        """See Encoder."""
        started = time.perf_counter()
        try:
            return self._encoder.pieces(text)
        finally:
            self.splitting += time.perf_counter() - started

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """See Encoder."""
        started = time.perf_counter()
        try:
            return self._encoder.encode(texts, kind)
        finally:
            self.encoding += time.perf_counter() - started


def timed(function: Callable[[A], object], arguments: Iterable[A]) -> list[float]:
    """Seconds that each call took."""
    times = []
    for argument in arguments:
        started = time.perf_counter()
        function(argument)
        times.append(time.perf_counter() - started)
    return times


def memory(process: int | None = None) -> Memory:
    """Of this process or another, now; zeros where the system is not Linux."""
    status = _status(process or "self")
    return Memory(status.get("RssAnon", 0), status.get("RssFile", 0))


def peak_bytes() -> int:
    """The most memory that this process has had at once, mapped files counted in.

    Not ``ru_maxrss`` where that can be helped: on Linux a process inherits it from the one that
    started it.
    """
    if peak := _status().get("VmHWM"):
        return peak
    import resource  # not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status(process: int | str = "self") -> dict[str, int]:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    fields = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): 1024 * int(size) for name, size, _ in fields}


def disk_bytes(folder: Path) -> int:
    """The sizes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def in_fresh_process(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """The result of a call made by a new interpreter, whose memory is that of the call alone."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments, **options).result()


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "python": platform.python_version(),
    }
