"""The memory of a process that answers: heaps that threads share, kernels that are kept."""

import os
import subprocess
import sys

import pytest
import torch

from embeddings.loading import fast_dtype

_COUNTED = """
import ctypes, os, re, sys, tempfile, threading
from qa.serving.heaps import share_heaps
if "shared" in sys.argv and not share_heaps():
    sys.exit("not of this C library")
meet = threading.Barrier(25)
def work():
    meet.wait()
    kept = [bytes(3000) for _ in range(500)]
    meet.wait()
    meet.wait()
for _ in range(24):
    threading.Thread(target=work).start()
meet.wait()
meet.wait()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
name = os.path.join(tempfile.mkdtemp(), "heaps.xml")
file = ctypes.c_void_p(c.fopen(name.encode(), b"w"))
c.malloc_info(0, file)
c.fclose(file)
print(len(re.findall("<heap nr", open(name).read())))
meet.wait()
"""


def heaps(*how: str) -> int:
    """Of a process of 24 threads that all take memory at once."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNTED, *how], capture_output=True, text=True, check=False
    )
    if "not of this C library" in done.stderr:
        pytest.skip("needs glibc's mallopt")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="heaps are counted with glibc")
def test_threads_share_two_heaps() -> None:
    """Without, each thread has one of its own, up to eight for each core."""
    assert heaps("shared") <= 2 < heaps()


_GROWTH = """
import ctypes, os, random, sys
class Info(ctypes.Structure):
    _fields_ = [(n, ctypes.c_size_t) for n in
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]
libc = ctypes.CDLL(None)
if not hasattr(libc, "mallinfo2"):
    sys.exit("not of this C library")
libc.mallinfo2.restype = Info
from qa.reader import SpanReader
reader = SpanReader()
def read(lengths):
    texts = [" ".join(["word"] * length) for length in lengths]
    reader.windows(["Who?"] * len(texts), texts)
rng = random.Random(0)
read([20, 40])
before = libc.mallinfo2().uordblks
for _ in range(150):
    read([rng.randint(5, 60) for _ in range(rng.randint(2, 9))])
print(libc.mallinfo2().uordblks - before)
"""


@pytest.mark.models
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted with glibc")
def test_kernels_do_not_pile_up() -> None:
    """Of the shapes that batches had, only the last ones' kernels are kept."""
    if fast_dtype() != torch.bfloat16:
        pytest.skip("in float32 no kernels are kept")

    def grown(kept: str | None) -> int:
        names = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
        more = {name: kept for name in names if kept}
        done = subprocess.run(
            [sys.executable, "-c", _GROWTH], capture_output=True, text=True, check=False,
            env={**{k: v for k, v in os.environ.items() if k not in names}, **more},
        )  # fmt: skip
        if "not of this C library" in done.stderr:
            pytest.skip("needs glibc's mallinfo2")
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    assert grown(None) < grown("1024") / 2
