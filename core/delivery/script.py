"""The recipe as a Python script that takes every step of the walk, one after the other."""

from pprint import pformat

from core.recipe.model import Recipe

_SCRIPT = '''"""The whole walk, from a file to a verdict: save it in Plumbline's folder and run it with its Python."""

from pathlib import Path

from core.context import Context
from core.data.user_file import UserFile
from core.delivery.tables import write_csv
from core.importance.step import rank
from core.ingest.step import read
from core.io.cache import Cache
from core.pipeline import walk
from core.quality.step import profile
from core.recipe.model import read_recipe
from core.regression.describe_fit import describe_fit
from core.regression.step import regress
from core.samples.prepare import clean_dataset
from core.text.format import format_correlation, format_number

DATA = Path({data})
OUT = Path("out")
# False keeps the test era sealed: scores are then those of the validation era.
OPEN_TEST = {open_test}

# Only what differs from the defaults.
recipe = read_recipe(
{settings}
)


def main():
    dataset = read(DATA, recipe, OUT / "tables")
    file = UserFile(path=DATA, name=DATA.name)
    context = Context(dataset=dataset, recipe=recipe, cache=Cache(OUT / "cache"), file=file)

    quality = profile(context)
    print(f"Quality: {{quality.rows:,}} rows, {{len(quality.columns)}} columns, {{len(quality.findings)}} findings")

    # Dropped columns, the reasons, and the cleaned rows; everything is fitted on the train era.
    cleaned = clean_dataset(dataset, recipe, quality)
    for column in cleaned.plan.columns:
        print(column.decision, column.name, *column.reasons, sep="; ")
    for finding in cleaned.findings:
        print(finding.severity, finding.title, sep="; ")
    write_csv(cleaned.clean.frame, OUT / "cleaned.csv")

    print("Regression:", describe_fit(regress(context)))
    for feature in rank(context).features[:10]:
        print(f"Feature: {{feature.name}}, importance {{feature.importance:.4f}}, {{feature.label}}")

    # Trains the network, fits the rivals, and writes scores, report and bundle.
    walked = walk(context, OUT, open_test=OPEN_TEST)
    scores, era = walked.evaluation.judged
    for model, score in scores.items():
        print(f"{{era}}: {{model}}, loss {{format_number(score.mean_loss)}}, R2 {{format_correlation(score.r2_oos)}}")
    print(walked.verdict.sentence)


# Steps may start processes of their own, which import this file.
if __name__ == "__main__":
    main()
'''


def render_script(recipe: Recipe, data_name: str, open_test: bool = True) -> str:
    """Return a Python script that reads `data_name`, takes every step of the recipe and prints the verdict.

    Examples
    --------
    >>> print(render_script(Recipe().change("ingest", target="close"), "prices.csv").splitlines()[18])
    DATA = Path('prices.csv')
    """
    changed = recipe.model_dump(mode="json", exclude_defaults=True)
    settings = pformat(changed, width=110, sort_dicts=False)
    indented = "\n".join(f"    {line}" for line in settings.splitlines())
    return _SCRIPT.format(data=repr(data_name), open_test=open_test, settings=indented)
