"""The report: whole, harmless, and drawn in a browser that may load nothing."""

import base64
import gzip
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.delivery.bundle import Verified
from core.delivery.next_forecast import NextRow
from core.delivery.report import ReportInput, render_report
from core.findings.model import RecordedFinding, Severity
from core.forecast.evaluation.trials import Trials
from core.quality.forecastability.question import Forecastability
from core.recipe.model import Recipe
from core.text.format import format_percent
from tests.charts import examples


def report_input(names: tuple[str, ...] = examples.NAMES, sealed: bool = False) -> ReportInput:
    predictions = examples.predictions()
    return ReportInput(
        dataset=examples.dataset(names),
        profile=examples.profile(names),
        plan=examples.plan(names),
        regression=examples.regression(names),
        ranking=examples.ranking(names),
        training=examples.trained(),
        evaluation=examples.evaluation(sealed, names),
        verdict=examples.verdict(names),
        predictions=predictions[predictions["era"] == "validation"] if sealed else predictions,
        recipe=Recipe().change("ingest", target=names[0]),
        task=examples.task(names),
        made="2026-11-22T16:00:00+00:00",
        versions={"python": "3.11.9", "keras": "3.15.1"},
    )


@pytest.fixture(scope="module")
def report() -> str:
    return render_report(report_input())


class Page(HTMLParser):
    """What a browser would see: the text outside scripts and styles, and every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def text_of(report: str) -> str:
    """The visible text; scripts are cut out first, because plotly.js holds markup of its own."""
    return Page(re.sub(r"<script.*?</script>", "", report, flags=re.DOTALL)).text


def test_the_verdict_comes_before_everything_else(report):
    text = text_of(report)
    places = [text.index(words) for words in ("no evidence that the LSTM", "Rows judged, test", "how it was made")]
    assert places == sorted(places)


def test_the_report_states_what_the_lstm_adds_if_it_was_measured(report):
    assert examples.lstm_adds().sentence in text_of(report)
    source = report_input()
    without = render_report(replace(source, evaluation=replace(source.evaluation, lstm_adds=None)))
    assert "What the LSTM adds" not in text_of(without)


def test_the_report_shows_the_walk_forward_periods_if_there_are_any(report):
    text = text_of(report)
    assert examples.walk_forward().sentence in text
    assert "Too few windows." in text
    source = report_input()
    without = render_report(replace(source, evaluation=replace(source.evaluation, walk_forward=None)))
    assert "By calendar year" not in text_of(without)


def test_the_report_lists_the_questions_that_have_an_answer(report):
    text = text_of(report)
    assert "3 of 7 questions have an answer" in text
    table = text[text.index("Questions that have an answer") : text.index("feature columns are kept")]
    assert all(
        words in table for words in ("level of open after 1 row", "volatility of close over 5 rows", "q = 0.003")
    )
    assert "log return of close" not in table
    source = report_input()
    profile = replace(source.profile, forecastability=Forecastability())
    without = text_of(render_report(replace(source, profile=profile)))
    assert "Nothing was asked" in without
    assert "Questions that have an answer" not in without


def test_each_section_has_the_findings_that_matter_for_it_worst_first():
    source = report_input()
    mild = RecordedFinding(code="x", severity=Severity.WARNING, title="It may matter")
    grave = RecordedFinding(code="y", severity=Severity.PROBLEM, title="It matters")
    unread = RecordedFinding(code="z", severity=Severity.PROBLEM, title="Nobody reads it", column="feed_b")
    info = RecordedFinding(code="i", severity=Severity.INFO, title="Worth knowing")
    profile = replace(source.profile, findings=(mild, unread, info, grave, mild))
    text = text_of(render_report(replace(source, profile=profile)))
    data = text[text.index(" Data ") : text.index(" Cleaning ")]
    assert data.index("It matters") < data.index("It may matter")
    assert data.count("It may matter") == 1
    assert "Nobody reads it" not in data
    assert "further finding" in data
    assert "Worth knowing" not in text


def test_each_section_opens_with_its_conclusion(report):
    for heading in ("Data", "Cleaning", "Linear regression", "Features", "Training", "Results"):
        section = report[report.index(f"<h2>{heading}</h2>") :]
        after = section[len(f"<h2>{heading}</h2>") :].lstrip()
        assert after.startswith('<p class="lead">'), heading
        assert len(Page(after[: after.index("</p>")]).text) > 20, heading


def test_the_title_names_file_date_and_target():
    page = render_report(replace(report_input(), file_name="<prices>.csv"))
    assert "<h1>&lt;prices&gt;.csv, 2022-02-08, forecast of close</h1>" in page


def test_the_summary_names_the_next_forecast_and_how_the_bundle_was_verified():
    ahead = NextRow(series=None, origin="2022-02-08", time="2022-02-09", lstm=123.456, lower=120.0, upper=127.5)
    verified = Verified(rows=188, largest=2e-9, read="file")
    text = text_of(render_report(replace(report_input(), ahead=(ahead,), verified=verified)))
    assert "123.456 for 2022-02-09 (interval 120.000 to 127.500), from the row of 2022-02-08." in text
    assert "Verified: 188 predictions" in text


def test_the_steps_follow_in_their_order(report):
    headings = ["Data", "Cleaning", "Linear regression", "Features", "Training", "Results"]
    headings += ["Limits of this study", "Appendix: how it was made"]
    places = [report.index(f"<h2>{heading}</h2>") for heading in headings]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "told",
    [
        "7 of 9 feature columns are kept",
        "31 % of the train rows are bad, above 30 %",
        "drop (by hand)",
        "Residuals are autocorrelated: use the HAC errors.",
        "R² 0.0312",
        "no lower val_loss for 8 epochs",
        "Test era, 225 rows",
        "Validation era, 225 rows",
        "p = 0.42",
        format_percent(examples.backtest().net_total),
        "7 settings trained",
        "opened 2 times",
        "4 settings judged",
        "5f" * 32,
        "3.15.1",
        "2026-11-22T16:00:00+00:00",
        "2020-11-16",
    ],
)
def test_the_report_tells(report, told):
    assert told in text_of(report)


def test_the_limits_state_nominal_and_actual_coverage(report):
    interval = report_input().evaluation.interval
    text = text_of(report)
    limits = text[text.index("Limits of this study") :]
    assert format_percent(interval.nominal) in limits
    assert format_percent(interval.coverage) in limits
    assert f"{interval.n:,}" in limits


def test_the_whole_recipe_is_in_it(report):
    found = re.search(r"<pre>(.*?)</pre>", report, flags=re.DOTALL)
    assert Recipe.model_validate_json(Page(found[0]).text) == report_input().recipe


def test_trials_that_nobody_counted_are_not_counted():
    given = report_input()
    text = text_of(render_report(replace(given, evaluation=replace(given.evaluation, trials=Trials()))))
    assert "Trials were not counted" in text


def test_an_era_that_was_opened_for_another_training_is_not_called_sealed():
    given = report_input(sealed=True)
    opened = replace(given.evaluation, trials=Trials(trained=2, opened=1, judged_on_test=1))
    assert "sealed" not in text_of(render_report(replace(given, evaluation=opened)))


def test_a_sealed_test_era_is_said_and_shows_no_test_score():
    report = render_report(report_input(sealed=True))
    text = text_of(report)
    assert "The test era is sealed" in text
    assert "Test era, " not in text
    assert "test era\\u" not in report
    assert "No prediction interval was judged." in text


def test_steps_that_were_not_taken_are_left_out():
    report = render_report(replace(report_input(), regression=None, ranking=None))
    assert "<h2>Linear regression</h2>" not in report
    assert "<h2>Features</h2>" not in report


def test_equal_input_gives_equal_text(report):
    assert render_report(report_input()) == report


def test_plotly_is_in_it_once_and_nothing_is_loaded(report):
    (packed,) = re.findall(r'id="plotly">([A-Za-z0-9+/=]+)<', report)
    assert b"plotly.js v" in gzip.decompress(base64.b64decode(packed))[:200]
    assert len(report) < 2_500_000
    outside = re.sub(r"<script.*?</script>", "", report, flags=re.DOTALL)
    assert not re.search(r"\b(src|href|action|data)\s*=", outside)
    assert not re.search(r"<script[^>]*\bsrc=", report)
    packed_figures = re.findall(r'data-figure="[^"]+">([A-Za-z0-9+/=]+)</script>', report)
    drawn = [json.loads(gzip.decompress(base64.b64decode(text))) for text in packed_figures]
    assert len(drawn) == 16
    assert {one["config"]["showSendToCloud"] for one in drawn} == {False}


def test_the_policy_lets_the_page_load_nothing(report):
    policies = [a["content"] for tag, a in Page(report[:3000]).tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0].startswith(
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    )


def test_hostile_names_become_no_markup():
    calm, hostile = render_report(report_input()), render_report(report_input(examples.HOSTILE))

    def skeleton(report: str) -> list[tuple[str, ...]]:
        tags = Page(report).tags
        return sorted((tag, *sorted(attributes)) for tag, attributes in tags)

    assert skeleton(hostile) == skeleton(calm)
    text = text_of(hostile)
    assert "<img src=x onerror=alert(1)>" in text
    assert "{{ 7*7 }}" in text
    assert "a" * 100 not in re.sub(r"<script.*?</script>|<pre>.*?</pre>", "", hostile, flags=re.DOTALL)
    assert "\u202e" not in hostile


def test_many_findings_and_columns_are_folded_and_bounded():
    source = report_input()
    many = tuple(RecordedFinding(code="x", severity=Severity.WARNING, title=f"remark {place}") for place in range(5000))
    report = render_report(replace(source, verdict=replace(source.verdict, findings=many)))
    assert "more findings" in report
    assert len(report) < len(render_report(source)) + 1_000_000


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("names", [examples.NAMES, examples.HOSTILE], ids=["calm", "hostile"])
def test_a_browser_draws_every_figure_under_the_policy_and_runs_nothing_else(browser, tmp_path: Path, names):
    file = tmp_path / "report.html"
    file.write_text(render_report(report_input(names)), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    faults, requests, dialogs = [], [], []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    expect(page.locator("figure:not(:has(.main-svg))")).to_have_count(0, timeout=30_000)
    drawn = page.evaluate(
        "[...document.querySelectorAll('figure')].map(one => one.querySelectorAll('.main-svg').length)"
    )
    assert len(drawn) == 16
    assert min(drawn) > 0
    assert page.evaluate("document.querySelectorAll('figure .scatterlayer .js-line').length") > 5
    assert (faults, dialogs) == ([], [])
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert page.evaluate("window.__xss") is None
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    hovered = page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot')].map(plot => {
            plot.data.forEach((trace, curve) => Plotly.Fx.hover(
                plot, [{curveNumber: curve, pointNumber: trace.type === 'heatmap' ? [0, 0] : 0}]));
            return plot.querySelectorAll('.hoverlayer text').length;
        })"""
    )
    assert sum(count > 0 for count in hovered) >= 8
    assert page.evaluate("document.querySelectorAll('.hoverlayer :is(a, img), figure a[href^=javascript]').length") == 0
    assert page.evaluate("window.__xss") is None

    blocked = page.evaluate(
        """() => new Promise(done => {
            addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
            document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.invalid/x.png'}));
        })"""
    )
    assert blocked == "img-src"
    assert dialogs == []
    context.close()
