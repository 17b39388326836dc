"""Real files: the profile reports what a careful analyst finds in them by hand."""

import pytest

from core.cleaning.plan import plan_cleaning
from core.context import Context
from core.data.builtin import write_sample
from core.findings.model import Severity
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from tests.ingest.test_real_files import REAL

real = pytest.mark.skipif(REAL is None, reason="the folder of real files is not here (PLUMBLINE_REAL_DATA)")


def profile_of(path, folder, recipe: Recipe = Recipe()) -> QualityProfile:
    return quality_step.profile(Context(dataset=ingest_step.read(path, recipe, folder), recipe=recipe))


def codes(profile: QualityProfile) -> set[str]:
    return {finding.code for finding in profile.findings}


@real
def test_a_wide_anonymous_file_has_a_target_of_classes_that_nothing_leads(tmp_path) -> None:
    recipe = Recipe().change("ingest", target="target")
    profile = profile_of(REAL / "kdd17_wide_anonymised_f0_f274_target.csv", tmp_path, recipe)
    assert sum(column.all.sentinel for column in profile.columns) == 8_004
    assert sum(column.train.unique_ratio > 0.95 for column in profile.columns) > 250
    assert not any(column.identifier_like for column in profile.columns)
    (classes,) = (finding for finding in profile.findings if finding.code == "target-few-values")
    assert classes.distinct == 3
    repeats = {finding.column for finding in profile.findings if finding.code == "near-duplicate"}
    assert repeats == {"f_15", "f_180", "f_246"}
    # The target is the sign of f_3 on the same day, with a band around 0, so f_3 does not predict it.
    by_name = {relation.feature: relation for relation in profile.relations}
    assert by_name["f_3"].xi > 0.99
    assert not any(relation.leads for relation in profile.relations)
    assert set(plan_cleaning(profile, recipe.cleaning).dropped) == repeats


@real
def test_monthly_macro_figures_share_trends_start_late_and_have_a_ragged_edge(tmp_path) -> None:
    profile = profile_of(REAL / "FRED_MD_2024-06.csv", tmp_path)
    late = {finding.column for finding in profile.findings if finding.code == "late-start"}
    assert {"ACOGNO", "TWEXAFEGSMTHx", "ANDENOx", "VIXCLSx"} <= late
    warnings = {f.column for f in profile.findings if f.code == "late-start" and f.severity is Severity.WARNING}
    assert warnings == {"ACOGNO", "TWEXAFEGSMTHx"}
    assert "many-bad-values" not in codes(profile)
    (edge,) = (finding for finding in profile.findings if finding.code == "ragged-edge")
    assert edge.count == 9
    assert edge.column == "S&P PE ratio"
    (stale,) = (finding for finding in profile.findings if finding.code == "stale-run")
    assert (stale.column, stale.count) == ("OILPRICEx", 64)
    assert profile.associations.vanished > 2_000
    assert "near-duplicate" not in codes(profile)


@real
def test_macro_figures_beside_daily_returns_are_dated_from_the_first_day_of_their_month(tmp_path) -> None:
    profile = profile_of(REAL / "sp500_rv_vix_macro_mfgarch.csv", tmp_path, Recipe().change("ingest", target="return"))
    (found,) = (finding for finding in profile.findings if finding.code == "period-figures")
    assert dict(found.remedy.value) == {"dhousing": 21, "dindpro": 21, "nai": 21, "nfci": 5}
    # Monthly growth rates do not drift, though each is held for 21 days; the index of financial conditions does.
    drifts = {column.name for column in profile.columns if column.drifts}
    assert drifts & {"dhousing", "dindpro", "nai", "nfci"} == {"nfci"}


@pytest.mark.fires("dead-feed", "constant-column", "identifier-like", "target-drifts")
def test_the_sample_reports_each_fault_planted_in_it(tmp_path) -> None:
    write_sample("sp500-drivers", tmp_path / "sample.csv")
    profile = profile_of(tmp_path / "sample.csv", tmp_path, Recipe().change("ingest", target="sp500"))
    by_code = {(finding.code, finding.column) for finding in profile.findings}
    assert {
        ("dead-feed", "dead_feed"),
        ("constant-column", "lot_size"),
        ("identifier-like", "row_id"),
        ("target-drifts", "sp500"),
        ("suggest-returns", "nasdaq"),
    } <= by_code
    assert not any(relation.leads for relation in profile.relations)
