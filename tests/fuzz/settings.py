"""Targets that are the user's own files and flags."""

from __future__ import annotations

from pathlib import Path

from core.settings.credentials import load_secrets
from core.settings.instruments import load_baskets, load_instruments
from core.settings.loader import load_settings
from core.tables.paths import config_dir
from tests.fuzz.folder import FileSubject
from tests.fuzz.mutate import ODD_NUMBERS, ODD_TEXTS, Mutator, text_template
from tests.fuzz.target import Function, Target

_TOKENS = tuple(
    text.encode()
    for text in (
        *ODD_NUMBERS, *ODD_TEXTS, *(f'"{number}"' for number in ODD_NUMBERS), '"', "'''", "[[", "]",
        "{ a = 1 }", "[1, 2]", "inf", "nan", "1979-05-27T07:32:00Z", "07:32:00", "a.b",
        '"\\ud800"',
    )
)  # fmt: skip


def _files(*paths: Path) -> Mutator:
    texts = [path.read_bytes() for path in paths]
    # Comments are half of a file and harmless.
    bare = [
        b"\n".join(line.partition(b"#")[0] for line in text.splitlines() if line.strip())
        for text in texts
    ]
    return Mutator([text_template(text) for text in bare], _TOKENS)


def settings() -> Target:
    """A file of settings."""
    folder = config_dir()
    source = _files(folder / "defaults.toml", *sorted((folder / "profiles").glob("*.toml")))
    return Target(
        source, lambda: FileSubject("mine.toml", lambda path: load_settings(None, [path])),
        per_cent=0.5,
    )  # fmt: skip


def overrides() -> Target:
    """`--set key=value`."""
    lines = (
        b"risk.max_position_pct=10", b"venue.url=ws://127.0.0.1:8765", b"strategy.min_signal=0.3",
        b"venue.api_key_env=KEY", b"risk.stale_book_ms=70", b"account.currency='CHF'",
        b"venue.fee_rates={ BNB = 600 }",
    )  # fmt: skip
    source = Mutator([text_template(line) for line in lines], _TOKENS)
    return Target(
        source,
        lambda: Function(
            lambda data: load_settings(overrides=[data.decode(errors="surrogateescape")])
        ),
        per_cent=0.5,
    )


def instruments() -> Target:
    """A file of products and baskets."""
    source = _files(*sorted((config_dir() / "instruments").glob("*.toml")))

    def read(path: Path) -> None:
        for entry in load_instruments(path.stem, folder=path.parent):
            entry.to_instrument()
        load_baskets(path.stem, folder=path.parent)

    return Target(source, lambda: FileSubject("mine.toml", read), per_cent=1)


def secrets() -> Target:
    """`.env`."""
    venue = load_settings().settings.venue
    sample = f"# keys\n{venue.api_key_env}=abc\nexport OTHER='x y'\n".encode()
    return Target(
        Mutator([text_template(sample)], _TOKENS),
        lambda: FileSubject(".env", lambda path: load_secrets(venue, path)),
        per_cent=1,
    )
