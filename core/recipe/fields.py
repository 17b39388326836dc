"""What a field of a setting says besides its range: where its slider stops, its unit, and why its default is what it is."""

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.fields import FieldInfo

Names = tuple[str, ...]


def stops(*places: float) -> dict[str, JsonValue]:
    """Return the places where a slider stops, for a field whose range is not walked in equal steps."""
    return {"stops": list(places)}


def stops_of(field: FieldInfo) -> tuple[float, ...]:
    """Return the places where the slider of a field stops, or nothing where it moves in equal steps.

    Examples
    --------
    >>> from pydantic import Field
    >>> stops_of(Field(0.1, json_schema_extra=stops(0.1, 0.3))), stops_of(Field(0.1))
    ((0.1, 0.3), ())
    """
    extra = field.json_schema_extra
    return tuple(extra.get("stops", ())) if isinstance(extra, dict) else ()


# A share of rows or cells: its widget and its words are in percent.
SHARE: dict[str, JsonValue] = {"unit": "share"}


def is_share(field: FieldInfo) -> bool:
    """Return whether a field is a share, which is written in percent.

    Examples
    --------
    >>> from pydantic import Field
    >>> is_share(Field(0.3, json_schema_extra=SHARE)), is_share(Field(0.3))
    (True, False)
    """
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("unit") == "share"


def why_default(field: FieldInfo) -> str:
    """Return why a field has its default, in words that go on from "Default 30 %:"; nothing where that needs no reason.

    Examples
    --------
    >>> from pydantic import Field
    >>> why_default(Field(0.95, json_schema_extra={"why": "keys repeat next to nothing"}))
    'keys repeat next to nothing'
    """
    extra = field.json_schema_extra
    return str(extra.get("why", "")) if isinstance(extra, dict) else ""


class Settings(BaseModel):
    """Settings of one step: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
