"""What fields declare besides their range: slider values, unit, reason for the default."""

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.fields import FieldInfo

Names = tuple[str, ...]


def stops(*values: float) -> dict[str, JsonValue]:
    """Declare the values that a slider offers, if they are not equally spaced."""
    return {"stops": list(values)}


def stops_of(field: FieldInfo) -> tuple[float, ...]:
    """Return the values that the slider of a field offers; empty if they are equally spaced.

    Examples
    --------
    >>> from pydantic import Field
    >>> stops_of(Field(0.1, json_schema_extra=stops(0.1, 0.3))), stops_of(Field(0.1))
    ((0.1, 0.3), ())
    """
    declared = _extra(field).get("stops")
    return tuple(float(str(value)) for value in declared) if isinstance(declared, list) else ()


# A share of rows or cells, shown in percent.
SHARE: dict[str, JsonValue] = {"unit": "share"}


def is_share(field: FieldInfo) -> bool:
    """Return whether a field is a share, which is shown in percent.

    Examples
    --------
    >>> from pydantic import Field
    >>> is_share(Field(0.3, json_schema_extra=SHARE)), is_share(Field(0.3))
    (True, False)
    """
    return _extra(field).get("unit") == "share"


def why_default(field: FieldInfo) -> str:
    """Return the reason for a default, to follow "Default 30%:"; empty if none is declared.

    Examples
    --------
    >>> from pydantic import Field
    >>> why_default(Field(0.95, json_schema_extra={"why": "row numbers and keys rarely repeat"}))
    'row numbers and keys rarely repeat'
    """
    return str(_extra(field).get("why", ""))


def _extra(field: FieldInfo) -> dict[str, JsonValue]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


class Settings(BaseModel):
    """Settings of one step: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
