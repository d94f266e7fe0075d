"""One writer per account: a lock for who is alive, a growing token for who came last."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.errors import AddressInUse, ConfigurationError
from core.runtime import lease as module
from core.runtime.lease import AccountLease

KEY = "tr-9f2c-very-secret"
URL = "ws://10.1.2.3:8765"
NOW_NS = 1_795_000_000_000_000_000


def lease_of(
    folder: Path, *, kind: str = "practice", url: str = URL, key: str = KEY, now_ns: int = NOW_NS
) -> AccountLease:
    return AccountLease(kind, url, key, folder=folder / "leases", now_ns=lambda: now_ns)


@pytest.fixture(autouse=True)
def taken(monkeypatch) -> Iterator[list[module.Lease]]:
    """Give back whatever a test takes."""
    leases: list[module.Lease] = []
    acquire = AccountLease.acquire

    def remember(account: AccountLease, *who) -> module.Lease:
        leases.append(acquire(account, *who))
        return leases[-1]

    monkeypatch.setattr(AccountLease, "acquire", remember)
    yield leases
    for lease in leases:
        lease.release()


def take(folder: Path, run_id: str = "20261121T070000-practice-4f1c", **choice) -> module.Lease:
    return lease_of(folder, **choice).acquire(run_id, folder / "runs")


def test_a_lease_says_who_holds_it(tmp_path) -> None:
    held = take(tmp_path)
    holder = lease_of(tmp_path).holder()
    assert holder is not None
    assert (holder.token, holder.pid, holder.by) == (held.token, os.getpid(), "engine")
    assert holder.run_id == "20261121T070000-practice-4f1c"
    assert holder.run_dir == str(tmp_path / "runs")
    assert (holder.since_ns, holder.since) == (NOW_NS, "2026-11-18 11:06:40 UTC")
    assert holder.host
    assert held.is_held()


def test_a_second_engine_is_refused_with_the_first_one_named(tmp_path) -> None:
    held = take(tmp_path)
    with pytest.raises(AddressInUse) as refusal:
        take(tmp_path, "20261121T080000-practice-0001")
    text = str(refusal.value)
    for part in (
        URL,
        "run 20261121T070000-practice-4f1c",
        f"process {os.getpid()}",
        str(tmp_path / "runs"),
        "2026-11-18 11:06:40 UTC",
        "attach`",
        "stop`",
        "kill`",
    ):
        assert part in text
    assert refusal.value.exit_code == 2
    assert held.is_held()


def test_a_refusal_after_a_kill_says_what_is_still_there(tmp_path) -> None:
    held = take(tmp_path)
    lease_of(tmp_path).take_over()
    with pytest.raises(AddressInUse, match="`imc-cockpit kill` has taken it from that engine"):
        take(tmp_path)
    assert not held.is_held()


def test_a_refusal_without_a_readable_holder_still_says_what_to_do(tmp_path) -> None:
    take(tmp_path)
    lease_of(tmp_path).path.write_text("{")
    with pytest.raises(AddressInUse, match="another engine already; end that one first"):
        take(tmp_path)


@pytest.mark.parametrize(
    "other", [{"kind": "other"}, {"url": "ws://10.1.2.3:8766"}, {"key": "another"}]
)
def test_accounts_are_told_apart_by_kind_address_and_key(tmp_path, other) -> None:
    first, second = take(tmp_path), take(tmp_path, **other)
    assert first.is_held()
    assert second.is_held()


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("ws://localhost:8765", "ws://127.0.0.1:8765/"),
        ("ws://[::1]:8765", "ws://LOCALHOST:8765"),
        ("wss://Venue.example/ws", "wss://venue.example:443/ws/"),
        ("ws://venue.example", "ws://venue.example:80"),
    ],
)
def test_one_place_is_one_account_however_it_is_spelled(tmp_path, one, same) -> None:
    assert lease_of(tmp_path, url=one).path == lease_of(tmp_path, url=same).path


def test_the_key_is_nowhere_in_what_is_written(tmp_path) -> None:
    take(tmp_path)
    written = list((tmp_path / "leases").iterdir())
    assert len(written) == 2
    for path in written:
        assert KEY not in path.name
        assert KEY not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_grows_though_the_clock_goes_back(tmp_path) -> None:
    first = take(tmp_path)
    first.release()
    second = take(tmp_path, now_ns=NOW_NS - 5_000_000_000)
    assert (first.token, second.token) == (NOW_NS, NOW_NS + 1)
    assert lease_of(tmp_path, now_ns=NOW_NS + 7).take_over() == NOW_NS + 7


def test_an_account_taken_over_is_lost_for_good(tmp_path) -> None:
    held = take(tmp_path)
    account = lease_of(tmp_path)
    token = account.take_over()
    assert token > held.token
    holder = account.holder()
    assert holder is not None
    assert (holder.by, holder.token) == ("kill", token)
    assert holder.run_id == "20261121T070000-practice-4f1c"
    assert not held.is_held()
    account.path.unlink()
    assert not held.is_held()


def test_a_file_written_anew_with_our_token_is_still_ours(tmp_path) -> None:
    held = take(tmp_path)
    path = lease_of(tmp_path).path
    path.write_text(json.dumps(json.loads(path.read_text()) | {"host": "renamed"}))
    assert held.is_held()
    assert held.is_held()


def test_a_file_that_is_gone_took_nothing_from_us(tmp_path) -> None:
    held = take(tmp_path)
    lease_of(tmp_path).path.unlink()
    assert held.is_held()


@pytest.mark.parametrize("content", ["", "[]", '{"token": "x"}', "{}", "\udcff"])
def test_what_is_not_known_to_be_ours_is_not_ours(tmp_path, content) -> None:
    held = take(tmp_path)
    lease_of(tmp_path).path.write_bytes(content.encode(errors="surrogateescape"))
    assert not held.is_held()


def test_a_released_lease_is_free_and_its_token_remembered(tmp_path) -> None:
    held = take(tmp_path)
    assert lease_of(tmp_path).is_locked()
    held.release()
    held.release()
    assert not lease_of(tmp_path).is_locked()
    assert take(tmp_path).token == held.token + 1


def test_a_forgotten_lease_leaves_nothing(tmp_path) -> None:
    take(tmp_path).release(forget=True)
    assert list((tmp_path / "leases").iterdir()) == []


def test_what_was_taken_over_is_not_ours_to_forget(tmp_path) -> None:
    held = take(tmp_path)
    token = lease_of(tmp_path).take_over()
    held.release(forget=True)
    holder = lease_of(tmp_path).holder()
    assert holder is not None
    assert holder.token == token


def test_a_lock_whose_file_was_removed_meanwhile_is_not_taken_for_one(
    tmp_path, monkeypatch
) -> None:
    """Two engines must not hold two files of one name."""
    import fcntl

    account = lease_of(tmp_path)
    really_lock, removed = fcntl.flock, []

    def remove_first(file, how) -> None:
        really_lock(file, how)
        if not removed:
            removed.append(account.path.with_suffix(".lock"))
            removed[0].unlink()

    monkeypatch.setattr(fcntl, "flock", remove_first)
    account.acquire("r", tmp_path)
    monkeypatch.undo()
    assert account.is_locked()


def test_death_frees_the_lease(tmp_path) -> None:
    """The system drops the lock with the process, however that ends."""
    program = (
        "import pathlib, sys, time\n"
        "from core.runtime.lease import AccountLease\n"
        f"lease = AccountLease('practice', {URL!r}, {KEY!r}, folder=pathlib.Path(sys.argv[1]))\n"
        "held = lease.acquire('other', pathlib.Path(sys.argv[1]))\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "leases")], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(AddressInUse, match=f"process {process.pid}"):
            take(tmp_path)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert take(tmp_path).is_held()


@pytest.mark.parametrize("act", [lambda a: a.acquire("r", Path()), lambda a: a.take_over()])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, act) -> None:
    (tmp_path / "leases").write_text("a file is in the way")
    with pytest.raises(ConfigurationError, match=r"leases/practice-.*XDG_STATE_HOME"):
        act(lease_of(tmp_path))


def test_leases_are_kept_in_the_state_directory(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert AccountLease("practice", URL, KEY).path.parent == tmp_path / "imc-cockpit" / "leases"


def test_nobody_holds_what_nobody_took(tmp_path) -> None:
    account = lease_of(tmp_path)
    assert account.holder() is None
    assert not account.is_locked()
    assert account.take_over() == NOW_NS
    holder = account.holder()
    assert holder is not None
    assert (holder.run_id, holder.by) == ("", "kill")


@pytest.mark.parametrize(
    ("field", "value"),
    [("since_ns", '"soon"'), ("since_ns", str(10**30)), ("token", "1e400"), ("token", str(2**64)),
     ("run_dir", "7"), ("pid", "null")],
)  # fmt: skip
def test_a_damaged_lease_is_nobodys_and_can_be_taken(tmp_path, field, value) -> None:
    held = take(tmp_path)
    account = lease_of(tmp_path)
    good = json.loads(account.path.read_text())
    account.path.write_text(
        json.dumps({**good, field: 0}).replace(f'"{field}": 0', f'"{field}": {value}')
    )
    assert account.holder() is None
    assert not held.is_held()
    assert account.take_over() == NOW_NS
    assert account.holder() is not None
