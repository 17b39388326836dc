"""Every setting is described from the model of the recipe, for the documentation."""

from core.recipe.describe_settings import describe_settings
from core.recipe.model import Recipe

DESCRIBED = {(setting.section, setting.field): setting for setting in describe_settings()}


def test_every_setting_is_described_in_the_order_of_the_recipe() -> None:
    keys = [(section, field) for section, fields in Recipe().model_dump().items() for field in fields]
    assert list(DESCRIBED) == keys


def test_every_description_is_one_or_more_whole_sentences() -> None:
    for setting in DESCRIBED.values():
        assert setting.title[0].isupper(), setting
        assert setting.description[0].isupper() or setting.field == "fill", setting
        assert setting.description.endswith("."), setting
        assert setting.default and setting.allowed, setting


def test_defaults_and_allowed_values_are_read_from_the_model() -> None:
    for key, default, allowed in (
        (("cleaning", "max_bad_ratio"), "30%", "0% to 100%"),
        (("cleaning", "fill"), "forward", '"forward", "median", "none"'),
        (("cleaning", "keep"), "none", "names"),
        (("cleaning", "clip_target"), "no", "yes, no"),
        (("ingest", "header_rows"), "automatic", "0 to 10 or automatic"),
        (("ingest", "sentinels"), "none", "numbers"),
        (("ingest", "availability_lag"), "none", "an entry per column: 0 to 10,000"),
        (("split", "train"), "70%", "above 0%, below 100%"),
        (("features", "rolling"), "none", "integers, each 2 to 1,000"),
        (("training", "units"), "32", "1 to 4 integers, each 1 to 1,024"),
        (("training", "learning_rate"), "0.001", "above 0, at most 1"),
        (("evaluation", "cost_bps"), "5", "0 to 1,000"),
    ):
        assert (DESCRIBED[key].default, DESCRIBED[key].allowed) == (default, allowed)
