"""What benchmarks measured, as a table for the terminal and as a chart."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus.errors import QuothError

__all__ = ["chart", "index_chart", "index_table", "need_matplotlib", "soak_chart"]

Figures = Mapping[str, Any]

_PARTS = ("encode", "dense", "lexical", "retrieve", "answer")


def index_table(sizes: Sequence[Figures]) -> None:
    """Print the figures of each size in a column."""
    from rich.console import Console
    from rich.table import Table

    columns = [_lines(size) for size in sizes]
    table = Table("", *(f"{size['build']['passages']:,}" for size in sizes), box=None)
    for label in columns[0]:
        table.add_row(label, *(column[label] for column in columns))
    Console().print(table)


def _lines(size: Figures) -> dict[str, str]:
    """Label and figure of each line."""
    made, ours, other, ratio = (size[k] for k in ("build", "serving", "plain", "plain_by_ours"))
    lines = {
        "building, passages/s": f"{made['passages_per_second']:,.0f}",
        "  seconds": f"{made['seconds']:,.1f}",
        "  of these encoding": f"{made['encoding_seconds']:,.1f}",
        "  finding word pieces": f"{made['tokenizing_seconds']:,.1f}",
        "  after the last article": f"{made['settling_seconds']:,.1f}",
        "  peak memory, MB": _megabytes(made["peak_bytes"]),
        "  before, with the encoder": _megabytes(made["model_bytes"]),
        "  on disk, MB": _megabytes(made["disk_bytes"]),
        "opening, s": f"{ours['open_seconds']:.2f}",
        "memory of its own, MB": _megabytes(ours["anon_bytes"]),
        "  of mapped files, MB": _megabytes(ours["file_bytes"]),
    }
    for part in _PARTS:
        lines[f"{part}, ms: p50 / p95 / p99"] = _times(ours[part])
    for askers, speed in ours["answers_per_second"].items():
        lines[f"answers/s, asked by {askers}"] = f"{speed:.1f}"
    return lines | {
        "article among those read": f"{ours['found']:.1%}",
        "recall@10 of dense": f"{ours['recall_at_10']:.4f}",
        "update, own folder, s": _update(ours["update"]),
        "update, corpus's folder, s": _update(ours["update_corpus"]),
        "plain: encoding, texts/s": f"{other['encoded_per_second']:,.0f}",
        "plain: search, ms": _times(other["search"]),
        "plain: vectors, MB": _megabytes(other["vector_bytes"]),
        "plain ÷ ours: search": f"{ratio['search_p50']:.2f}",
        "plain ÷ ours: memory": f"{ratio['memory']:.2f}",
        "plain encoding ÷ building": f"{ratio['encoding_by_building_rate']:.3f}",
    }


def _times(part: Figures) -> str:
    times = (part[key] for key in ("p50", "p95", "p99"))
    return " / ".join(f"{ms:.2f}" if ms < 10 else f"{ms:,.0f}" for ms in times)


def _update(update: Figures) -> str:
    return f"{update['seconds']:.2f}" + ("" if update["found"] else " (not found)")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"


def need_matplotlib() -> None:
    """Raises QuothError if it is not installed: better before than after hours of measuring."""
    if find_spec("matplotlib") is None:
        raise QuothError("a chart needs matplotlib; run: pip install 'quoth[bench]'")


@contextmanager
def chart(file: Path, plots: int) -> Iterator[Any]:
    """So many empty plots side by side, written into ``file`` as a PNG in the end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5 * plots, 3.6), layout="constrained")
    yield figure.subplots(1, plots, squeeze=False)[0]
    figure.savefig(file, dpi=120)


def index_chart(sizes: Sequence[Figures], file: Path) -> None:
    """Draw times, memory and building against the number of passages."""
    count = [size["build"]["passages"] for size in sizes]

    def line(axis: Any, label: str, *path: str, scale: float = 1.0, style: str = "o-") -> None:
        values = []
        for size in sizes:
            value: Any = size
            for key in path:
                value = value[key]
            values.append(value * scale)
        axis.plot(count, values, style, label=label, markersize=3)

    with chart(file, 4) as (times, room, building, recall):
        for part in _PARTS:
            line(times, part, "serving", part, "p50")
        line(times, "plain search", "plain", "search", "p50", style="k--")
        times.set(title="a question, median", ylabel="ms", yscale="log")
        line(room, "own", "serving", "anon_bytes", scale=1e-6)
        line(room, "mapped files", "serving", "file_bytes", scale=1e-6)
        line(room, "on disk", "build", "disk_bytes", scale=1e-6)
        line(room, "peak of building", "build", "peak_bytes", scale=1e-6)
        line(room, "plain vectors", "plain", "vector_bytes", scale=1e-6, style="k--")
        room.set(title="room", ylabel="MB", yscale="log")
        line(building, "building", "build", "passages_per_second")
        line(building, "plain encoding", "plain", "encoded_per_second", style="k--")
        building.set(title="building", ylabel="passages a second", ylim=(0, None))
        line(recall, "recall@10 of dense", "serving", "recall_at_10")
        line(recall, "article among those read", "serving", "found")
        recall.set(title="found", ylim=(0, 1.02))
        for axis in (times, room, building, recall):
            axis.set(xscale="log", xlabel="passages")
            axis.legend(fontsize=7)
            axis.grid(alpha=0.3)


def soak_chart(curve: Sequence[tuple[float, int, int]], file: Path) -> None:
    """Draw memory, (seconds, own bytes, bytes of mapped files), against time."""
    minutes = [seconds / 60 for seconds, _, _ in curve]
    with chart(file, 1) as (axis,):
        axis.plot(minutes, [anon / 1e6 for _, anon, _ in curve], label="own")
        axis.plot(minutes, [mapped / 1e6 for _, _, mapped in curve], label="mapped files")
        axis.set(title="memory", xlabel="minutes", ylabel="MB", ylim=(0, None))
        axis.legend()
        axis.grid(alpha=0.3)
