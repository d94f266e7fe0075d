"""
The one place that touches Numba's decorator and its cache.

Numba checks only the file of the cached function: after editing a helper in another
module it would go on running the old code. So the cache folder is named by the hash
of every kernel source, and an edit anywhere means a new folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])

_SOURCES = ("kernel", "domain", "jit.py")

_machine_code_of = attrgetter("library")
"""Where Numba keeps what it has made of a function."""


_ROOT = Path(__file__).parent


@lru_cache(maxsize=1)
def kernel_hash() -> str:
    """Hash of all sources that end up in compiled code; part of every run's manifest."""
    digest = hashlib.blake2b(digest_size=8)
    for file in _sources():
        digest.update(file.relative_to(_ROOT).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for name in _SOURCES:
        path = _ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def cache_dir() -> Path:
    """Folder of the compiled kernel: one per version of its sources and place of them."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    place = hashlib.blake2b(os.fsencode(_ROOT), digest_size=3).hexdigest()
    return Path(base) / "imc-cockpit" / f"kernel-{kernel_hash()}-{place}"


def is_jit_disabled() -> bool:
    """True when kernels run as plain Python, as coverage and debuggers need."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def is_warm() -> bool:
    """True when this version of the kernel has been compiled on this machine before."""
    if is_jit_disabled():
        return True
    # The step is the largest by far; the exchange alone compiles only the matching.
    return any(cache_dir().rglob("step.step-*.nbi"))


def njit(function: _F) -> _F:
    """
    Compile a kernel function and keep the result on disk.

    No fastmath and no parallel: both change results, and replay promises bits. No
    reference counts either: counting the arrays that functions hand to each other took
    two thirds of the time of a step. What is compiled so can allocate nothing, and must
    not return an array to Python.
    """
    return _compiled(function)


def entry_of(function: _F, *arguments: Any) -> _F:
    """
    Return the machine code of a kernel function for arguments of just these types.

    Numba works out the types of all arguments anew on each call: for the kernel's state,
    three dozen arrays, that takes ten times as long as a step. The entry does not look, so
    it must only ever be called with the same types.

    Args:
        function: Made by `njit`; compiled or read from disk if it has not been.
        arguments: Such as it will be called with.
    """
    if is_jit_disabled():
        return function
    return cast("_F", _compiled_for(function, arguments).entry_point)


def address_of(function: _F, *arguments: Any) -> int:
    """
    Return where the machine code of a kernel function is, for calls by it from others.

    Args:
        function: Made by `njit`; compiled or read from disk if it has not been.
        arguments: Such as it will be called with.
    """
    return place_of(_compiled_for(function, arguments))


def place_of(result: Any) -> int:
    """Return where the machine code is that Numba keeps among a function's `overloads`."""
    return int(_machine_code_of(result).get_pointer_to_function(result.fndesc.llvm_func_name))


def _compiled_for(function: _F, arguments: tuple[Any, ...]) -> Any:
    """What Numba has made of a function for arguments of just these types."""
    import numba

    compiled: Any = function
    type_of: Any = numba.typeof
    types = tuple(type_of(argument) for argument in arguments)
    compiled.compile(types)
    return compiled.overloads[types]


def _compiled(function: _F) -> _F:
    # Numba reads the folder when a function is decorated, not when Numba is imported.
    import numba

    folder = os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir()))
    setattr(numba.config, "CACHE_DIR", folder)  # noqa: B010  numba defines it at run time
    # `_nrt` is not in numba's type hints; a release without it fails here, and loudly.
    options: dict[str, Any] = {
        "cache": True,
        "error_model": "numpy",
        "_nrt": False,
        # Nobody calls a kernel through a C function pointer; a tenth of the compilation.
        "no_cfunc_wrapper": True,
    }
    compiled: Any = numba.njit(**options)(function)
    return cast("_F", compiled)
