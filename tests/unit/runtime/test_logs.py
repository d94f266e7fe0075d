"""Lines reach the disk, secrets do not, and nobody waits for either."""

from __future__ import annotations

import io
import json
import logging
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from loguru import logger
from pydantic import SecretStr

from core.domain.errors import ConfigurationError
from core.runtime.logs import LOG_FILE, REDACTED, Logs, Redactor, start_logs
from core.settings.loader import load_settings
from core.settings.model import LogSettings

KEY = 'pl4nted"key/with ümläut\\and=more'
LATER = "t0ld-l4ter"


def make_settings(**changes: object) -> LogSettings:
    return load_settings().settings.log.model_copy(update=changes)


def entries(folder: Path) -> list[dict]:
    text = (folder / LOG_FILE).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def fail(reason: str) -> None:
    raise RuntimeError(reason)


@pytest.fixture
def logs(tmp_path: Path):
    logs = start_logs(make_settings(), folder=tmp_path, secrets=[SecretStr(KEY)])
    yield logs
    logs.close()


def test_a_line_is_one_json_object(logs: Logs, tmp_path: Path) -> None:
    logger.info("filled {} of {}", 3, "7_ETF", price=51.5, tags=("a", None))
    logs.close()
    (entry,) = entries(tmp_path)
    assert entry["message"] == "filled 3 of 7_ETF"
    assert entry["level"] == "INFO"
    assert entry["extra"] == {"price": 51.5, "tags": ["a", None]}
    assert entry["time"].endswith("+00:00")
    assert entry["module"] == __name__


def test_lines_below_the_level_are_left_out(tmp_path: Path) -> None:
    logs = start_logs(make_settings(level="WARNING"), folder=tmp_path)
    logger.info("quiet")
    logger.warning("loud")
    logs.close()
    assert [entry["message"] for entry in entries(tmp_path)] == ["loud"]


def test_an_error_brings_its_trace_without_the_values_of_variables(
    logs: Logs, tmp_path: Path
) -> None:
    local_value = "v4lue of a variable"
    try:
        fail("broke " + local_value[:2])
    except RuntimeError:
        logger.exception("it broke")
    logs.close()
    (entry,) = entries(tmp_path)
    assert "RuntimeError: broke v4" in entry["exception"]
    assert local_value not in json.dumps(entry)


def test_libraries_log_to_the_same_place(logs: Logs, tmp_path: Path) -> None:
    logging.getLogger("some.package").warning("it says %s", KEY)
    logging.getLogger("some.package").info("chatter")
    logs.close()
    (entry,) = entries(tmp_path)
    assert entry["message"] == f"it says {REDACTED}"
    assert entry["extra"] == {"library": "some.package"}


def test_a_reserved_brace_in_a_message_of_others_is_text(logs: Logs, tmp_path: Path) -> None:
    logging.getLogger("some.package").error("{not a field}")
    logs.close()
    assert entries(tmp_path)[0]["message"] == "{not a field}"


class TestSecrets:
    def test_a_planted_secret_appears_nowhere(self, tmp_path: Path) -> None:
        """Message, arguments, extra values and keys, errors, URLs, headers, reprs, other forms."""
        screen = io.StringIO()
        logs = start_logs(
            make_settings(level="DEBUG"), folder=tmp_path, stream=screen, secrets=[SecretStr(KEY)]
        )
        logs.redact(SecretStr(LATER))
        for secret in (KEY, LATER):
            logger.info(f"key {secret} and {secret}{secret}")
            logger.info("key {}", secret)
            logger.info("wss://host/path?key={}&x=1", quote(secret, safe=""))
            logger.info("as json {}", json.dumps({"deep": [secret]}))
            logger.info("as repr {!r}", {"deep": [secret]})
            logger.bind(**{f"name {secret}": secret}).warning("extra", deep={"a": [{secret: 1}]})
            logger.debug("an object {}", SecretStr(secret), held=SecretStr(secret))
            try:
                fail(secret)
            except RuntimeError:
                logger.exception("error")
            logging.getLogger("library").error("says %s", secret)
        logs.close()
        assert logs.dropped == 0
        written = (tmp_path / LOG_FILE).read_text(encoding="utf-8")
        assert written.count("\n") == 18
        for output in (written, screen.getvalue()):
            assert REDACTED in output
            for secret in (KEY, LATER):
                for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
                    assert form not in output

    @pytest.mark.parametrize(
        "text",
        [
            "GET /x?api_key=s3cr3t&b=1",
            "GET /x?b=1&apiKey=s3cr3t",
            "Authorization: Bearer s3cr3t.abc",
            "{'authorization': 'Bearer s3cr3t'}",
            "authorization=Basic s3cr3t==",
            "X-Api-Key: s3cr3t",
            '{"api_key": "s3cr3t", "b": 1}',
            "wss://me:s3cr3t@host/stream",
            "password = s3cr3t",
            "?access_token=s3cr3t",
            "?signature=s3cr3t",
        ],
    )
    def test_what_looks_like_a_secret_is_taken_out(self, text: str) -> None:
        redacted = Redactor().text(text)
        assert "s3cr3t" not in redacted
        assert REDACTED in redacted
        assert Redactor().text(redacted) == redacted

    def test_an_extra_named_like_a_secret_is_taken_out(self) -> None:
        assert Redactor().value({"headers": {"X-API-Key": "s3cr3t", "Host": "h"}}) == {
            "headers": {"X-API-Key": REDACTED, "Host": "h"}
        }

    @pytest.mark.parametrize(
        "text",
        [
            "order 4f1c-7 filled 3 @ 51.5",
            "2 tokens of patience",
            "ws://127.0.0.1:8765/stream",
            "max_position_pct = 20",
        ],
    )
    def test_what_is_no_secret_stays(self, text: str) -> None:
        assert Redactor().text(text) == text

    def test_a_secret_within_another_leaves_no_rest(self) -> None:
        redactor = Redactor([SecretStr("abcd"), SecretStr("abcdefgh")])
        assert redactor.text("abcdefgh abcd") == f"{REDACTED} {REDACTED}"

    def test_an_empty_secret_redacts_nothing(self) -> None:
        assert Redactor([SecretStr("")]).text("abc") == "abc"

    def test_values_in_circles_end(self) -> None:
        circle: dict[str, object] = {"a": 1}
        circle["self"] = circle
        assert Redactor().value(circle)["self"]["a"] == 1


class StuckStream(io.StringIO):
    """Takes one line and blocks until it is released, as a full pipe does."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.entered.set()
        self.released.wait(30)
        return super().write(text)


def test_a_stuck_stream_drops_lines_and_counts_them(tmp_path: Path) -> None:
    """16 lines fit the queue, one is being written: of 40, 23 are lost, and none waits."""
    stuck = StuckStream()
    logs = start_logs(make_settings(queue_lines=16), stream=stuck)
    logger.info("first")
    assert stuck.entered.wait(10)
    for number in range(39):
        logger.info("line {}", number)
    assert logs.dropped == 23
    stuck.released.set()
    logs.close()
    lines = stuck.getvalue().splitlines()
    assert len(lines) == 17
    assert lines[-1].endswith("line 15")


def test_a_stuck_screen_does_not_hold_up_the_file(tmp_path: Path) -> None:
    stuck = StuckStream()
    logs = start_logs(make_settings(queue_lines=16), folder=tmp_path, stream=stuck)
    logger.info("first")
    assert stuck.entered.wait(10)
    stuck.released.set()
    logs.close()
    assert len(entries(tmp_path)) == 1


def test_a_line_that_cannot_be_made_is_counted_and_the_next_one_written(
    logs: Logs, tmp_path: Path
) -> None:
    class Unspeakable:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    logger.bind(thing=Unspeakable()).info("lost")
    logger.info("kept")
    logs.close()
    assert logs.dropped == 1
    assert [entry["message"] for entry in entries(tmp_path)] == ["kept"]


def test_a_full_file_is_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    logs = start_logs(make_settings(rotation_mb=1, retention_files=2), folder=tmp_path)
    for number in range(40):
        logger.info("{:03}{}", number, "x" * 100_000)
    logs.close()
    assert logs.dropped == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [LOG_FILE, f"{LOG_FILE}.1", f"{LOG_FILE}.2"]
    kept = [
        json.loads(line)["message"][:3]
        for name in reversed(names)
        for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()
    ]
    assert kept == [f"{number:03}" for number in range(40 - len(kept), 40)]
    assert all(path.stat().st_size <= 1_000_000 for path in tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_loses_lines_and_counts_them(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).symlink_to("/dev/full")
    logs = start_logs(make_settings(), folder=tmp_path)
    for number in range(3):
        logger.info("line {}", number)
    logs.close()
    assert logs.dropped == 3


def test_a_rotation_that_fails_goes_on_in_the_same_file(tmp_path: Path) -> None:
    """Somebody put a folder where the older file belongs: no reason to lose lines after it."""
    (tmp_path / f"{LOG_FILE}.1" / "x").mkdir(parents=True)
    logs = start_logs(make_settings(rotation_mb=1, retention_files=1), folder=tmp_path)
    for number in range(12):
        logger.info("{:03}{}", number, "x" * 100_000)
    logger.info("short")
    logs.close()
    messages = [entry["message"][:3] for entry in entries(tmp_path)]
    assert messages[:9] == [f"{number:03}" for number in range(9)]
    assert messages[-1] == "sho"
    assert logs.dropped == 3


def test_a_restart_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for word in ("first", "second"):
        logs = start_logs(make_settings(), folder=tmp_path)
        logger.info(word)
        logs.close()
    assert [entry["message"] for entry in entries(tmp_path)] == ["first", "second"]


def test_a_line_for_people_is_short_and_holds_no_control_characters() -> None:
    screen = io.StringIO()
    logs = start_logs(make_settings(), stream=screen)
    logger.warning("venue says \x1b[2J\r\nhello", instrument="7_ETF")
    logs.close()
    (line,) = screen.getvalue().splitlines()
    assert line.endswith("WARNING venue says ?[2J??hello  instrument=7_ETF")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"engine\.jsonl: cannot be written"):
        start_logs(make_settings(), folder=tmp_path / "file")


def test_closing_gives_the_standard_module_back(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    logs = start_logs(make_settings(), folder=tmp_path)
    logs.close()
    logs.close()
    assert logging.getLogger().handlers == before


def test_nobody_else_may_read_the_log(logs: Logs, tmp_path: Path) -> None:
    assert (tmp_path / LOG_FILE).stat().st_mode & 0o777 == 0o600
