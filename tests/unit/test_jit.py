"""What compiled code may not do, and the folder it is kept in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core import jit

ALLOCATING = """
import numpy as np
from core.jit import njit

@njit
def allocate(count):
    return np.zeros(count).sum()

allocate(3)
"""


@pytest.mark.skipif(jit.is_jit_disabled(), reason="plain Python allocates as it likes")
def test_a_kernel_that_allocates_does_not_compile(tmp_path: Path) -> None:
    """A step that could allocate could stall: the compiler refuses it."""
    script = tmp_path / "allocating.py"
    script.write_text(ALLOCATING)
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "NRT required but not enabled" in run.stderr


def test_the_cache_is_named_by_the_sources() -> None:
    """Numba alone would go on running old code after an edit in another module."""
    assert jit.cache_dir().name == f"kernel-{jit.kernel_hash()}"
    assert len(jit.kernel_hash()) == 16
