"""The recipe as a short Python script that cleans the data and runs the whole walk."""

from pprint import pformat

from core.recipe.model import Recipe

_SCRIPT = '''"""The whole walk, from a file to a verdict: save it in Plumbline's folder and run it with its Python."""

from pathlib import Path

from core.context import Context
from core.delivery.tables import write_csv
from core.ingest.step import read
from core.io.cache import Cache
from core.pipeline import walk
from core.quality.step import profile
from core.recipe.model import read_recipe
from core.samples.prepare import clean_dataset

DATA = Path({data})
OUT = Path("out")

# Only what differs from the defaults.
recipe = read_recipe(
{settings}
)

context = Context(dataset=read(DATA, recipe, OUT / "tables"), recipe=recipe, cache=Cache(OUT))
quality = profile(context)
print(f"{{quality.rows:,}} rows, {{len(quality.columns)}} columns, {{len(quality.findings)}} findings")

# Dropped columns, the reasons, and the cleaned rows; everything is fitted on the train era.
cleaned = clean_dataset(context.dataset, recipe, quality)
for column in cleaned.plan.columns:
    print(column.decision, column.name, *column.reasons, sep="; ")
for finding in cleaned.findings:
    print(finding.severity, finding.title, sep="; ")
write_csv(cleaned.clean.frame, OUT / "cleaned.csv")

print(walk(context, OUT).verdict.sentence)
'''


def render_script(recipe: Recipe, data_name: str) -> str:
    """Return a Python script that reads `data_name`, runs the recipe and prints the verdict.

    Examples
    --------
    >>> print(render_script(Recipe().change("ingest", target="close"), "prices.csv").splitlines()[13])
    DATA = Path('prices.csv')
    """
    changed = recipe.model_dump(mode="json", exclude_defaults=True)
    settings = pformat(changed, width=110, sort_dicts=False)
    indented = "\n".join(f"    {line}" for line in settings.splitlines())
    return _SCRIPT.format(data=repr(data_name), settings=indented)
