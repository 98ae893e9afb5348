"""How models are loaded: quietly, from local files, at the precision this CPU is fast in."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["fast_dtype", "first_line", "is_folder", "quiet"]

_KERNELS = "64"


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, warnings or reports of the model libraries while inside."""
    # Named models may be fetched from a hub by those who ask for them, without a report.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # The CPU's library keeps a kernel for each of the last 1,024 shapes of a batch: 200 MB after some
    # thousand questions. As many as a few batches at once need are as fast. It asks at its first product.
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(name, _KERNELS)
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def fast_dtype() -> "torch.dtype":
    """bfloat16 where the CPU computes in it (twice as fast), float32 elsewhere.

    Without the instructions bfloat16 is emulated and slower than float32.
    """
    import torch

    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    native = any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)
    return torch.bfloat16 if native else torch.float32


def is_folder(name: str) -> bool:
    """Whether ``name`` is a model's folder on this disk rather than a hub's name for it."""
    return Path(name).expanduser().is_dir()


def first_line(error: Exception) -> str:
    """What to tell people of a library's error: its first line, or its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
