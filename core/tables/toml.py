"""TOML text as plain trees, and the sentences for text that is none."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from core.domain.errors import ConfigurationError
from core.tables.paths import display_path

Tree = dict[str, Any]
"""Tables by key, as `tomllib` gives them."""


def read_toml(path: Path) -> Tree:
    """
    Read one file.

    Raises:
        ConfigurationError: If it is missing, unreadable, not text or not TOML; the
            sentence names the file and the line.
    """
    label = display_path(path)
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{label}: not UTF-8 text at byte {error.start}") from error
    except ValueError as error:
        raise ConfigurationError(f"{label}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{label}: not valid TOML: nested too deeply") from error
    except OSError as error:
        raise ConfigurationError(f"{label}: cannot be read: {error.strerror}") from error


def parse_value(text: str) -> Any:
    """Read the right side of `key=value`: a TOML value, or a bare word as text."""
    try:
        tree = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    # A line break in the text could have begun a key of its own.
    return tree["value"] if tree.keys() == {"value"} else text


def to_json(tree: Tree) -> str:
    """
    Write a tree as JSON for pydantic's strict mode.

    In Python mode a strict Decimal refuses the integers and floats that TOML holds;
    JSON mode takes every number and still refuses text and booleans. Dates become text.
    """
    return json.dumps(tree, default=str)
