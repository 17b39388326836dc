"""Every edge file through `core profile`: exit code, one sentence or a whole document, and the verdict of `expected.json`."""

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.findings.model import Severity
from tests.ingest.test_edge_files import EXPECTED, MARKED, REJECTED, make

ASSUMED = ("load_warn", "ask")


def test_all_edge_files_are_held() -> None:
    assert len(EXPECTED) == 30


@pytest.mark.parametrize("name", MARKED)
def test_edge_file_gets_its_verdict_from_the_command(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = EXPECTED[name]
    code = main(["profile", str(make(name, tmp_path)), "--json", str(tmp_path / "profile.json")])
    told = capsys.readouterr()
    if code == 2:
        assert expected["verdict"] in REJECTED | {"load_or_reject_message"}
        assert told.err.count("\n") == 1 and told.err.strip().endswith((".", "?"))
        assert not told.out and not (tmp_path / "profile.json").exists()
        return
    assert code == 0 and expected["verdict"] != "reject_message"
    document = json.loads((tmp_path / "profile.json").read_text())
    assert expected.get("rows") in (None, document["dataset"]["rows"])
    assert expected.get("cols") in (None, document["dataset"]["columns"])
    grave = [finding for finding in document["findings"] if finding["severity"] != Severity.INFO]
    if expected["verdict"] in (*ASSUMED, "reject_or_flag"):
        assert grave
    if "first_col" in expected:
        assert document["columns"][0]["name"] == expected["first_col"]
    bad = {column["name"]: column["bad"] for column in document["columns"]}
    for column in expected.get("all_missing", ()):
        assert bad[column]["missing"] == document["dataset"]["rows"]
    for kind in ("infinite", "missing"):
        assert expected.get(kind) in (None, bad.get("X", {}).get(kind))
