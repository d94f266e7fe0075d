"""What compiled code may not do, and the folder it is kept in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import jit

KERNEL = """
import numpy as np
from core.jit import njit

scratch = np.ones(3)

@njit
def total(count):
    return BODY.sum()

print(total(3))
"""


@pytest.mark.skipif(jit.is_jit_disabled(), reason="plain Python allocates as it likes")
@pytest.mark.parametrize(("body", "compiles"), [("np.zeros(count)", False), ("scratch", True)])
def test_a_kernel_that_allocates_does_not_compile(tmp_path: Path, body, compiles) -> None:
    """A step that could allocate could stall: the compiler refuses it, and only that."""
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL.replace("BODY", body))
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (run.returncode == 0) is compiles, run.stderr


def test_the_cache_is_named_by_the_sources() -> None:
    """Numba alone would go on running old code after an edit in another module."""
    assert jit.kernel_hash() in jit.cache_dir().name
    assert len(jit.kernel_hash()) == 16


def test_a_kernel_that_was_compiled_is_warm_however_new_its_sources_look(
    tmp_path, monkeypatch
) -> None:
    """A fresh checkout of the same version has nothing to compile."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    assert not jit.is_warm()
    index = jit.cache_dir() / "kernel_0123" / "step.step-67.py311.nbi"
    index.parent.mkdir(parents=True)
    index.touch()
    os.utime(index, (1, 1))
    assert jit.is_warm()
