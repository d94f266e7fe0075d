"""Profiles: whatever is done to a file, it is an event or a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import ConfigurationError
from core.events.loader import event_names, load_event
from core.tables.paths import config_dir

FOLDER = config_dir() / "events"
TEXTS = {name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in event_names()}
WORDS = [
    "0", "-1", "1e999", "nan", "inf", "true", '""', '"x"', "[]", "{}", "[1, 2]", "{ a = 1 }",
    "1979-05-27T07:32:00Z", '"2025-03-30T02:30"', '"Europe/Berlin"', '"last(last)"', '"((((("',
    "999999999999999999999", '"temperature"', '"7_ETF"', '["LON_ETF", "LON_ETF"]',
]  # fmt: skip


@st.composite
def broken(draw) -> str:
    """A shipped file with a few lines dropped, doubled, or given another value."""
    lines = TEXTS[draw(st.sampled_from(sorted(TEXTS)))].splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["drop", "double", "value", "key"]))
        key, equals, value = lines[place].partition(" = ")
        if kind == "drop":
            lines[place] = ""
        elif kind == "double":
            lines.insert(place, lines[draw(st.integers(0, len(lines) - 1))])
        elif equals and kind == "value":
            lines[place] = f"{key} = {draw(st.sampled_from(WORDS))}"
        elif equals:
            lines[place] = f"{key}{draw(st.sampled_from(['s', '_', '.x']))} = {value}"
    return "\n".join(lines)


@settings(max_examples=400)
@given(broken())
def test_a_broken_file_is_an_event_or_a_sentence(text) -> None:
    assert load(text)


def load(text: str) -> str:
    """Symbols of the event, or the sentence."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mine.toml").write_text(text, encoding="utf-8")
        try:
            event = load_event("mine", folder=Path(folder))
        except ConfigurationError as error:
            return str(error) if "mine.toml: " in str(error) else ""
    is_whole = set(event.order) == {product.symbol for product in event.products}
    return " ".join(event.order) if is_whole else ""


def test_the_files_are_whole_before_they_are_broken() -> None:
    for text in TEXTS.values():
        assert "mine.toml" not in load(text)
