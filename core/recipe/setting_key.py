"""The key of a trial: equal keys mean the same training."""

from core.io.fingerprint import fingerprint_of
from core.recipe.model import Recipe

# A network depends on these sections; `importance` selects its features unless they are selected manually.
_FITTED = ("ingest", "split", "cleaning", "features", "training")


def setting_key(fingerprint: str, recipe: Recipe) -> str:
    """Return the key of everything that a training depends on: the file and the settings up to training.

    Settings that only judge a network, or explain the data, have no part in it. Defaults are left out, so a key outlives a
    version that adds a setting.

    Parameters
    ----------
    fingerprint
        The SHA-256 of the file.
    recipe
        The recipe.

    Examples
    --------
    >>> first = setting_key("5f", Recipe())
    >>> setting_key("5f", Recipe().change("evaluation", coverage=0.8)) == first
    True
    >>> setting_key("5f", Recipe().change("training", epochs=5)) == first
    False
    """
    sections = _FITTED if recipe.training.features else (*_FITTED, "importance")
    # That a column is known in time answers a doubt about the network and changes none of its weights.
    document = recipe.model_dump(mode="json", exclude_defaults=True, exclude={"ingest": {"known_at_origin"}})
    return fingerprint_of(fingerprint, {name: document[name] for name in sections if document.get(name)})
