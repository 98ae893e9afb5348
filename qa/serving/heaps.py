"""Memory of a server that many ask at once."""

import ctypes

__all__ = ["share_heaps"]

_M_ARENA_MAX = -8  # of glibc's malloc.h
_HEAPS = 2


def share_heaps() -> bool:
    """Let all threads of this process take memory from two heaps; False where that cannot be said.

    The C library of Linux gives threads heaps of their own, up to eight for each core, and what
    is freed in one of them is not used by the others: the memory of a page that 32 asked went on
    growing, to half as much again. The heaps that there are stay, so this comes first. See mallopt(3).
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # another C library, another system
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return bool(mallopt(_M_ARENA_MAX, _HEAPS))
