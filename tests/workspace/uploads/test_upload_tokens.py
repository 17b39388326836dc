import stat

import pytest

from core.workspace.uploads.upload_tokens import make_claim, read_claim


def test_a_claim_holds_on_its_home_and_for_its_time(tmp_path, monkeypatch):
    claim = make_claim(tmp_path)
    assert read_claim(tmp_path, claim) is not None
    assert stat.S_IMODE((tmp_path / "claims.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["claims.key"]
    assert read_claim(tmp_path, make_claim(tmp_path, lasts=-1)) is None
    assert read_claim(tmp_path, make_claim(tmp_path / "other")) is None


@pytest.mark.parametrize("forged", ["", ".", "9999999999", "9999999999.", "9999999999.00", "x.y", "\ud800.\ud800"])
def test_a_forged_claim_does_not_hold(tmp_path, forged):
    assert read_claim(tmp_path, forged) is None


def test_a_claim_cannot_be_made_to_last_longer(tmp_path):
    until, _, signature = make_claim(tmp_path).partition(".")
    assert read_claim(tmp_path, f"{int(until) + 1}.{signature}") is None


def test_a_claim_counts_for_the_project_that_it_was_made_for(tmp_path):
    claim = make_claim(tmp_path, scope="new-anna@example.com")
    assert read_claim(tmp_path, claim) == "new-anna@example.com"
    assert read_claim(tmp_path, claim.replace("anna", "otto")) is None
    assert read_claim(tmp_path, make_claim(tmp_path)) == ""
