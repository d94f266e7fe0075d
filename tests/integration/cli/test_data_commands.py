"""The store's commands, as a person runs them."""

from __future__ import annotations

from tests.integration.program import Program
from tests.unit.data.recordings import price_row, write_prices


def test_a_data_set_is_imported_listed_checked_and_refused_twice(tmp_path) -> None:
    program = Program(tmp_path / "run")
    path = str(write_prices(tmp_path, [price_row(0), price_row(100, bid="")]))
    told = program.call("data", "import", "days", path, "--json")
    assert (told.code, told.json()["rows"]) == (0, 2)
    told = program.call("data", "import", "days", path)
    assert (told.code, told.out) == (2, "")
    assert "exists already: give another name, or --force" in told.err
    assert [each["name"] for each in program.call("data", "list", "--json").json()["datasets"]] == [
        "days"
    ]
    (part,) = tmp_path.glob("run/data/days/*/*.parquet")
    part.write_bytes(part.read_bytes()[:-1])
    told = program.call("data", "check", "days")
    assert (told.code, "DAMAGED" in told.out, "Traceback" in told.err) == (5, True, False)
    assert max(map(len, told.out.splitlines())) < 120
