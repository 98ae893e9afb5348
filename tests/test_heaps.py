"""The heaps that threads take memory from."""

import subprocess
import sys

import pytest

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
