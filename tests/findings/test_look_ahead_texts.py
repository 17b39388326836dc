"""The texts of look-ahead findings, as a user reads them."""

import pytest

from core.findings.look_ahead import KnowsTheFuture, PeriodFigures, RaggedEdge, SameRowDirection, SuspectedLookAhead
from core.findings.model import Finding

TEXTS = [
    (
        KnowsTheFuture(column="label", target="close", leaks="value"),
        "label leaks the next value of close",
        (
            "It predicts the next value almost perfectly over the train rows, which no legitimate feature does. "
            "It was probably computed from future rows, or is misaligned by one row (look-ahead). A model trained "
            "on it looks perfect and is worthless."
        ),
        "Drop label",
    ),
    (
        KnowsTheFuture(column="label", target="close", leaks="direction"),
        "label leaks the next direction of close",
        (
            "It predicts the next direction almost perfectly over the train rows, which no legitimate feature "
            "does. It was probably computed from future rows, or is misaligned by one row (look-ahead). A model "
            "trained on it looks perfect and is worthless."
        ),
        "Drop label",
    ),
    (
        SuspectedLookAhead(column="dpo", target="close", evidence="later rows", lead=8, share=0.843, delay=11),
        "dpo is suspected of look-ahead",
        "It explains 84.3% of the change of close over the next 8 rows, beyond what the target's own past tells; a legitimate "
        "column rarely explains 70%. If it is computed from later rows, no forecast can use it.",
        "Set a delay for dpo",
    ),
    (
        SuspectedLookAhead(column="x", target="close", evidence="next row", lead=1, share=0.65, delay=1),
        "x is suspected of look-ahead",
        "It explains 65% of the change of close over the next row, beyond what the target's own past tells; a legitimate column "
        "rarely explains 40%. If it is computed from later rows, no forecast can use it.",
        "Set a delay for x",
    ),
    (
        SuspectedLookAhead(column="z", target="close", evidence="both sides", lead=5, share=0.66, delay=10),
        "z is suspected of look-ahead",
        "It explains 66% of the change of close over the next 5 rows, and weighs the rows before and after alike, as a centred "
        "window does. If it is computed from later rows, no forecast can use it.",
        "Set a delay for z",
    ),
    (
        SuspectedLookAhead(column="open", target="close", evidence="next price", lead=1, share=0.3, delay=1),
        "open is suspected of look-ahead",
        "It explains 30% of the change of close over the next row, and is as close to close as its next change: it looks like a "
        "price of the next row. If it is computed from later rows, no forecast can use it.",
        "Set a delay for open",
    ),
    (
        SameRowDirection(column="direction", price="close", opening="open"),
        "direction only restates whether close ended above open in the same row",
        (
            "It is known only when the row has ended and adds nothing to the prices. Used to explain the same "
            "row, it leaks the answer."
        ),
        "Drop direction",
    ),
    (
        SameRowDirection(column="direction", price="close", opening=None),
        "direction only restates whether close rose in the same row",
        (
            "It is known only when the row has ended and adds nothing to the prices. Used to explain the same "
            "row, it leaks the answer."
        ),
        "Drop direction",
    ),
    (
        RaggedEdge(missing=(("cpi", 20),)),
        "1 column ends before the last time stamp",
        (
            "Time stamps without a value at the end: cpi (20). Values that are published late now were late in "
            "the past too: set a publication delay, or the model would see values that were not yet available "
            "(look-ahead)."
        ),
        "Set a delay for cpi",
    ),
    (
        RaggedEdge(missing=(("cpi", 20), ("gdp", 3))),
        "2 columns end before the last time stamp",
        (
            "Time stamps without a value at the end: cpi (20), gdp (3). Values that are published late now were "
            "late in the past too: set a publication delay, or the model would see values that were not yet "
            "available (look-ahead)."
        ),
        "Set a delay for these 2 columns",
    ),
    (
        PeriodFigures(figures=(("gdp", "quarter", 63), ("cpi", "month", 21))),
        "2 columns hold one figure per quarter or month, from its first row on",
        (
            "gdp (quarterly), cpi (monthly). Figures are published after the period they describe, often weeks "
            "later. If these rows are dated by period, not by release, the model would see values that were not "
            "yet available (look-ahead): set a publication delay of at least one period."
        ),
        "Set a delay for these 2 columns",
    ),
    (
        PeriodFigures(figures=(("cpi", "month", 21),)),
        "1 column holds one figure per month, from its first row on",
        (
            "cpi (monthly). Figures are published after the period they describe, often weeks later. If these "
            "rows are dated by period, not by release, the model would see values that were not yet available "
            "(look-ahead): set a publication delay of at least one period."
        ),
        "Set a delay for cpi",
    ),
]
PLURALS = {
    KnowsTheFuture: "leak what the target does next",
    SameRowDirection: "only restate the direction of the same row",
}


@pytest.mark.parametrize(("finding", "title", "detail", "button"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, button: str | None) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == button


@pytest.mark.parametrize("kind", PLURALS)
def test_plural(kind: type[Finding]) -> None:
    assert kind.plural == PLURALS[kind]
