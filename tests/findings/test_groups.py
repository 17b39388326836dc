"""Groups of findings: one line and one remedy for a kind that repeats by column."""

from core.findings.columns import StaleRun, TextColumn
from core.findings.groups import group_findings
from core.findings.ingest.cells import SentinelDoubtful, ZeroValues
from core.findings.ingest.rows import NewestFirst
from core.findings.limit import limit_findings
from core.findings.model import Finding, FindingDocument, RecordedFinding, Severity, to_document
from core.findings.suggestions import SuggestLog
from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy


def zeros(*columns: str) -> ZeroValues:
    return ZeroValues(columns=columns, cells=3, rows=(9,))


def recorded(finding: Finding) -> RecordedFinding:
    """The finding as it is read back from JSON."""
    document: FindingDocument = to_document(finding)
    return RecordedFinding(**vars(document))


def test_one_remedy_answers_a_kind_in_all_columns_or_in_chosen_ones() -> None:
    (group,) = group_findings([recorded(zeros(name)) for name in ("oil", "gas", "cpi")])
    assert (group.columns, group.choices, group.severity) == (3, ("oil", "gas", "cpi"), Severity.WARNING)
    assert apply_remedy(Recipe(), group.remedy).ingest.zero_is_missing == ("oil", "gas", "cpi")
    chosen = group.remedy_in(("gas",))
    assert chosen == zeros("gas").remedy
    assert group.remedy_in(()) is None


def test_columns_beyond_the_limit_count_and_are_remedied_too() -> None:
    (group,) = group_findings([zeros("oil"), zeros("gas", "cpi")])
    assert (group.columns, group.remedy.value) == (3, ("oil", "gas", "cpi"))
    skewed = [SuggestLog(column=f"c{place}", skewness=3.0, q99_to_median=9.0) for place in range(9)]
    (group,) = group_findings(recorded(finding) for finding in limit_findings(skewed, 3))
    assert (len(group.findings), group.columns, len(group.remedy.value)) == (4, 9, 9)
    assert (group.remedy.section, group.remedy.field) == ("cleaning", "log")


def test_a_column_named_like_a_word_of_the_button_is_no_problem() -> None:
    (group,) = group_findings([zeros("missing in"), zeros("0")])
    assert apply_remedy(Recipe(), group.remedy).ingest.zero_is_missing == ("missing in", "0")
    assert group.remedy_in(("0",)) == zeros("0").remedy


def test_kinds_that_do_not_repeat_by_column_stay_apart_and_repeats_are_shown_once() -> None:
    groups = group_findings([zeros("oil"), NewestFirst(), NewestFirst(), zeros("gas")])
    assert [len(group.findings) for group in groups] == [2, 1]


def test_a_group_with_different_remedies_has_none_and_one_with_equal_remedies_has_that() -> None:
    def doubtful(column: str, sentinel: float) -> SentinelDoubtful:
        return SentinelDoubtful(columns=(column,), cells=3, sentinel=sentinel)

    (mixed,) = group_findings([doubtful("a", -9.0), doubtful("b", -99.0)])
    assert mixed.remedy is None and mixed.choices == ()
    (equal,) = group_findings([doubtful("a", -9.0), doubtful("b", -9.0)])
    assert equal.remedy == doubtful("a", -9.0).remedy


def test_a_group_without_remedies_only_counts() -> None:
    runs = [StaleRun(column=name, repeated=0.0, since="2020", series=None, rows=(), count=9) for name in "ab"]
    (group,) = group_findings([*runs, *runs])
    assert (group.columns, group.remedy, group.choices) == (2, None, ())


def test_the_title_of_a_single_finding_is_its_own() -> None:
    text = TextColumn(column="note", holds_dates=False)
    (group,) = group_findings([text])
    assert (group.title, group.remedy) == (text.title, text.remedy)
