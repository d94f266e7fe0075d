"""Run one script in a folder of its own, and say what did not hold."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from tests.chaos.checks import Violation
from tests.chaos.crash import Killed
from tests.chaos.script import Script
from tests.chaos.world import Planted, World


@dataclass(frozen=True, slots=True)
class Failure:
    """An invariant that did not hold."""

    invariant: str
    text: str


def run(script: Script, planted: Planted | None = None) -> Failure | None:
    """
    Run a script.

    Args:
        script: What goes wrong.
        planted: A bug, for the tests of the harness.

    Returns:
        None if everything held. An exception that is not a violation is one of its own:
        the program let it out.
    """
    # Not on a disk: what is tested is what the program does, not how fast a disk is.
    shared_memory = Path("/dev/shm")
    folder = Path(
        tempfile.mkdtemp(prefix="imc-chaos-", dir=shared_memory if shared_memory.is_dir() else None)
    )
    # What the program says of what is done to it would drown the one line that counts.
    logger.disable("core")
    try:
        World(script, folder, planted).run()
    except Violation as violation:
        return Failure(violation.invariant, str(violation))
    except (Exception, Killed) as error:  # noqa: BLE001  whatever it is, it must not come out
        text = "".join(traceback.format_exception(error, limit=-6))
        return Failure("no exception comes out", text)
    finally:
        logger.enable("core")
        shutil.rmtree(folder, ignore_errors=True)
    return None
