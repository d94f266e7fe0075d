"""
The JSON schema of a settings file, for editors.

`python -m core.settings.schema` writes `config/schema.json`; a test compares them.
"""

from __future__ import annotations

import json
from typing import Any

from core.settings.model import Settings
from core.tables.paths import config_dir

SCHEMA_FILE = "schema.json"


def settings_schema() -> str:
    """
    Write the schema as JSON text.

    Nothing is required, because every file is a layer over others, and `profile` is
    left out, because it is chosen on the command line.
    """
    schema = _without_required(Settings.model_json_schema())
    del schema["properties"]["profile"]
    schema["title"] = "imc-cockpit settings"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _without_required(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_required(item) for key, item in node.items() if key != "required"}
    if isinstance(node, list):
        return [_without_required(item) for item in node]
    return node


if __name__ == "__main__":
    (config_dir() / SCHEMA_FILE).write_text(settings_schema(), encoding="utf-8")
