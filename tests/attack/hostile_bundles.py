"""180 bundles made to do harm, by name: what an attacker changes in one that works. Every seal and checksum fits."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.delivery.forging import Members, arrays_of, with_manifest, with_weights

Change = Callable[[dict[str, Any]], None]

SERIES = {"center": [0.0, 20.0], "scale": [0.01, 2.0], "outcome_center": 0.0, "outcome_scale": 0.01}
STEP = {"name": "more", "source": "close", "kind": "level", "periods": 1, "delay": 0}


def put(path: str, value: object) -> Change:
    """Return a change of one field of the manifest; numbers in the path are places in a list."""

    def change(document: dict[str, Any]) -> None:
        at: Any = document
        *parents, last = path.split("/")
        for name in parents:
            at = at[int(name) if name.isdigit() else name]
        at[int(last) if last.isdigit() else last] = value

    return change


def step(**fields: object) -> Change:
    """Return a change that adds a feature, and lets the network see it in place of the last one."""

    def change(document: dict[str, Any]) -> None:
        added = STEP | fields
        document["features"]["steps"].append(added)
        document["chosen"][1] = added["name"]

    return change


def every(*changes: Change) -> Change:
    """Return all of these changes as one."""

    def change(document: dict[str, Any]) -> None:
        for each in changes:
            each(document)

    return change


def swap(**columns: str) -> dict[str, str]:
    """Return a pair of volumes that the cleaning exchanges."""
    return {"units": "vix", "money": "close", "price": "vix"} | columns


def steps(count: int) -> Change:
    """Return a change that adds many features."""
    return lambda document: document["features"]["steps"].extend(
        STEP | {"name": f"more{number}"} for number in range(count)
    )


CHANGES: dict[str, Change] = {
    # Features
    "delay -1": put("features/steps/1/delay", -1),
    "delay -10000": put("features/steps/0/delay", -10_000),
    "delay 10^9": put("features/steps/0/delay", 10**9),
    "delay true": put("features/steps/0/delay", 0.5),
    "period 0 of a return": put("features/steps/0/periods", 0),
    "period -1 of a return": put("features/steps/0/periods", -1),
    "period 10^6": put("features/steps/0/periods", 10**6),
    "lag -1": step(source="vix", kind="lag", periods=-1),
    "lag 0": step(source="vix", kind="lag", periods=0),
    "lag -2 by name": step(name="close.lag-2", source="vix", kind="lag", periods=-2),
    "lag of a column that is no feature": step(source="close", kind="lag"),
    "lag of itself": step(source="more", kind="lag"),
    "lag with a delay": step(source="vix", kind="lag", delay=1),
    "rolling mean over -5": step(source="vix", kind="rolling_mean", periods=-5),
    "rolling mean over 0": step(source="vix", kind="rolling_mean", periods=0),
    "rolling deviation over 1": step(source="vix", kind="rolling_std", periods=1),
    "rolling deviation over 20000": step(source="vix", kind="rolling_std", periods=20_000),
    "volatility over 0": step(kind="volatility", periods=0),
    "volatility over -5": step(kind="volatility", periods=-5),
    "kind of a feature": step(kind="eval"),
    "source absent": step(source="absent"),
    "source is the time": step(source="date"),
    "source is a path": step(source="/etc/passwd"),
    "source empty": step(source=""),
    "feature defined twice": step(name="vix"),
    "feature chosen twice": put("chosen", ["vix", "vix"]),
    "feature chosen but absent": put("chosen", ["vix", "oil"]),
    "feature chosen once for two inputs": put("chosen", ["vix"]),
    "later feature as a source": lambda document: document["features"]["steps"].insert(
        0, STEP | {"kind": "lag", "source": "vix"}
    ),
    "no features": put("features/steps", []),
    "90000 features": steps(90_000),
    "25000 features": steps(25_000),
    "warm-up -1": put("features/warm_up", -1),
    "warm-up 10^12": put("features/warm_up", 10**12),
    # Columns and roles
    "target is the time": put("roles/target", "date"),
    "target absent": put("roles/target", None),
    "target is another column": put("roles/target", "vix"),
    "series is the target": put("roles/series", "close"),
    "series is the time": put("roles/series", "date"),
    "time is the target": put("roles/time", "close"),
    "kind of the target is text": put("kinds/close", "text"),
    "kind of a feature is time": put("kinds/vix", "time"),
    "one column more": put("kinds/oil", "number"),
    "name of 20000 letters": put("roles/time", "x" * 20_000),
    "time in the reserved column": every(put("roles/time", "_line"), put("cleaning/roles/time", "_line")),
    "series without a name": every(put("roles/series", ""), put("cleaning/roles/series", "")),
    "time without a name": every(put("roles/time", ""), put("cleaning/roles/time", "")),
    # Cleaning
    "clip bounds swapped": put("cleaning/clip", {"vix": [30, 10]}),
    "clip bounds 1e308": put("cleaning/clip", {"vix": [-1e308, 1e308]}),
    "clip of the target": put("cleaning/clip", {"close": [1, 2]}),
    "clip of an absent column": put("cleaning/clip", {"oil": [1, 2]}),
    "clip of three bounds": put("cleaning/clip", {"vix": [1, 2, 3]}),
    "fill value 1e300": put("cleaning/fill_values", {"vix": 1e300}),
    "fill value of an absent column": put("cleaning/fill_values", {"oil": 1}),
    "fill by series of an absent column": put("cleaning/fill_by_series", {"oil": {"A": 1}}),
    "fill by series 1e300": put("cleaning/fill_by_series", {"vix": {"A": 1e300}}),
    "fill -1 rows": put("cleaning/max_fill", -1),
    "fill 10^12 rows": put("cleaning/max_fill", 10**12),
    "fill backward": put("cleaning/fill", "backward"),
    "gap -1": put("cleaning/max_gap", -1),
    "gap 10^15": put("cleaning/max_gap", 10**15),
    "codes of an absent column": put("cleaning/sentinels", {"oil": [0]}),
    "codes that are text": put("cleaning/sentinels", {"vix": ["__import__('os')"]}),
    "features twice": put("cleaning/features", ["vix", "vix"]),
    "target as a feature": put("cleaning/features", ["vix", "close"]),
    "bar of absent columns": put("cleaning/bar", ["high", "low"]),
    "bar of one column": put("cleaning/bar", ["vix"]),
    "transform unknown": put("cleaning/transforms", {"vix": ["exp"]}),
    "transform twice": put("cleaning/transforms", {"vix": ["log", "log"]}),
    "sampling interval -1": put("cleaning/calendar", {"step": -1, "weekends": True, "rows_per_day": 0}),
    "sampling interval of a century": put("cleaning/calendar", {"step": 10**16, "weekends": True, "rows_per_day": 0}),
    "rows a day -1": put("cleaning/calendar", {"step": 10**6, "weekends": True, "rows_per_day": -1}),
    "other roles in the cleaning": put("cleaning/roles/target", "vix"),
    "duplicates unknown": put("cleaning/duplicates", "median"),
    "volumes exchanged 10000 times": put("cleaning/swaps", [swap(units="close", money="vix", price="close")] * 10_000),
    "a volume exchanged with itself": put("cleaning/swaps", [swap(money="vix")]),
    "100000 codes": put("cleaning/sentinels", {"vix": list(range(100_000))}),
    # Reading
    "encoding rot13": put("ingest/encoding", "rot13"),
    "encoding base64": put("ingest/encoding", "base64"),
    "encoding zlib": put("ingest/encoding", "zlib"),
    "encoding undefined": put("ingest/encoding", "undefined"),
    "encoding idna": put("ingest/encoding", "idna"),
    "encoding punycode": put("ingest/encoding", "punycode"),
    "encoding unicode_escape": put("ingest/encoding", "unicode_escape"),
    "encoding with a NUL": put("ingest/encoding", "utf-8\0"),
    "encoding is a path": put("ingest/encoding", "../../etc/passwd"),
    "encoding empty": put("ingest/encoding", ""),
    "encoding utf-32": put("ingest/encoding", "utf-32"),
    "delimiter of two characters": put("ingest/delimiter", ",,"),
    "delimiter a line end": put("ingest/delimiter", "\n"),
    "delimiter a quote": put("ingest/delimiter", '"'),
    "delimiter empty": put("ingest/delimiter", ""),
    "delimiter a digit": put("ingest/delimiter", "1"),
    "header line 0": put("ingest/header_line", 0),
    "header line 10^12": put("ingest/header_line", 10**12),
    "header line beyond the file": put("ingest/header_line", 10**8),
    "header rows 11": put("ingest/header_rows", 11),
    "time column absent": put("ingest/time_column", "when"),
    "time column ignored": put("ingest/ignore", ["date", "close", "vix"]),
    "time column is the target": put("ingest/time_column", "close"),
    "series column absent": put("ingest/series_column", "ticker"),
    "pivot without series": put("ingest/pivot", True),
    "every number a code": put("ingest/sentinels", [1e999]),
    "100000 codes of the file": put("ingest/sentinels", list(range(100_000))),
    "100000 ignored columns": put("ingest/ignore", [f"column {number}" for number in range(100_000)]),
    # Eras, frequency, calendars
    "era is no date": put("eras/test_from", "soon"),
    "era is now": put("eras/end", "now"),
    "era in weeks": put("eras/test_from", "2023-W01-1"),
    "era without dashes": put("eras/test_from", "20230102"),
    "era in other digits": put("eras/start", "\uff12\uff10\uff12\uff10-01-01"),
    "era at hour 24": put("eras/end", "2023-12-29T24:00"),
    "era is a number": put("eras/start", "20200101T"),
    "era in February 30": put("eras/validation_from", "2022-02-30"),
    "era with a zone": put("eras/test_from", "2023-01-02T00:00:00+14:00"),
    "eras out of order": put("eras/validation_from", "2029-01-01"),
    "eras from the end": put("eras/start", "2030-01-01"),
    "era of -1 rows": put("eras/rows", [500, -250, 250]),
    "embargo -5": put("eras/embargo", -5),
    "frequency 0D": put("frequency", "0D"),
    "frequency 0000B": put("frequency", "0000B"),
    "frequency -1D": put("frequency", "-1D"),
    "frequency empty": put("frequency", ""),
    "frequency unknown": put("frequency", "QQ"),
    "calendar of step 0": put(
        "calendars",
        {"": {"clock": {"market": None, "stamps": None}, "runs": [{"first": 0, "count": 2, "step": 0}], "days": 20}},
    ),
    "calendar from -1": put(
        "calendars",
        {"": {"clock": {"market": None, "stamps": None}, "runs": [{"first": -1, "count": 2, "step": 1}], "days": 20}},
    ),
    "calendar of -1 bars": put(
        "calendars",
        {"": {"clock": {"market": None, "stamps": None}, "runs": [{"first": 5, "count": -1, "step": 1}], "days": 20}},
    ),
    "calendar on Mars": put(
        "calendars",
        {"": {"clock": {"market": "MARS", "stamps": None}, "runs": [{"first": 5, "count": 1, "step": 1}], "days": 20}},
    ),
    # Scaling, task, network
    "outcome centre 1e308": put("scaling/outcome_center", 1e308),
    "outcome centre -1e308": put("scaling/outcome_center", -1e308),
    "outcome centre 5": put("scaling/outcome_center", 5.0),
    "outcome of e to the 100000": every(put("bounds", None), put("scaling/outcome_scale", 1e5)),
    "bounds of e to the 800": every(put("bounds", {"low": -800, "high": 800}), put("scaling/outcome_scale", 1)),
    "centre 1e29 of scale 2": put("scaling/center", [0, 1e29]),
    "caps of nothing": put("scaling/caps", [1e-300, 1e-300]),
    "outcome scale 1e308": put("scaling/outcome_scale", 1e308),
    "outcome scale 10^6": put("scaling/outcome_scale", 1e6),
    "outcome scale -1": put("scaling/outcome_scale", -0.01),
    "centre 1e308": put("scaling/center", [0, 1e308]),
    "scale 1e-320": put("scaling/scale", [0.01, 1e-320]),
    "scale -2": put("scaling/scale", [0.01, -2.0]),
    "series of scale 0": put("scaling/series", {"A": SERIES | {"scale": [0.01, 0.0]}}),
    "series of scale -2": put("scaling/series", {"A": SERIES | {"scale": [0.01, -2.0]}}),
    "series of scale 1e-320": put("scaling/series", {"A": SERIES | {"scale": [0.01, 1e-320]}}),
    "series of centre 1e308": put("scaling/series", {"A": SERIES | {"center": [0.0, 1e308]}}),
    "series of one centre": put("scaling/series", {"A": SERIES | {"center": [0.0]}}),
    "series of outcome scale 0": put("scaling/series", {"A": SERIES | {"outcome_scale": 0.0}}),
    "series of outcome scale 10^6": put("scaling/series", {"A": SERIES | {"outcome_scale": 1e6}}),
    "series of outcome centre 5": put("scaling/series", {"A": SERIES | {"outcome_center": 5.0}}),
    "series of a model without any": put("scaling/series", {"A": SERIES}),
    "150,000 series": put("scaling/series", {str(number): SERIES for number in range(150_000)}),
    "horizon 0": put("task/horizon", 0),
    "horizon -1": put("task/horizon", -1),
    "horizon 251": put("task/horizon", 251),
    "threshold without a direction": put("task/above", 1.0),
    "factor 1e6": put("factor", 1e6),
    "factor -1": put("factor", -1.0),
    "bounds swapped": put("bounds", {"low": 0.5, "high": -0.5}),
    "bounds 1e308": put("bounds", {"low": -1e308, "high": 1e308}),
    "calibration of a return": put(
        "calibration", {"log_odds": 0, "log_odds_error": 0, "slope": 1, "slope_error": 0, "coverage": 0.9}
    ),
    "interval from now": put("interval/states/0/as_of", "now"),
    "interval from today": put("interval/states/0/as_of", "today"),
    "interval of scores 1e300": put("interval/states/0/scores", [1e300] * 50),
    "interval in weeks": put("interval/states/0/as_of", "2024-W52-1"),
    "interval of scores 1e29": put("interval/states/0/scores", [1e29] * 200),
    "interval of -1 scores": put("interval/most_scores", -1),
    "interval nominal 0": put("interval/nominal", 0),
    "dropout 2": put("shape/dropout", 2.0),
    "dropout -1": put("shape/dropout", -1.0),
    "window 0": put("shape/window", 0),
    "window -5": put("shape/window", -5),
    "window longer than the data": put("shape/window", 900),
    "units -4": put("shape/units", [-4]),
    "features 0": put("shape/features", 0),
    "trials -1": put("trials", {"trained": -1, "opened": 0, "judged_on_test": 0}),
    "member named as a path": put("members", {"../../etc/passwd": "0" * 64}),
}


def _filled(value: float, only: str = "") -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    return lambda arrays: {
        name: np.full_like(array, value) if only in name else array for name, array in arrays.items()
    }


WEIGHTS: dict[str, Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "weights 3e38": _filled(3e38),
    "weights -3e38": _filled(-3e38),
    "output weights 3e38": _filled(3e38, "dense"),
    "output weights 1e9": _filled(1e9, "dense_bias"),
    "weights not a number": _filled(float("nan"), "recurrent"),
    "weights infinite": _filled(float("inf"), "bias"),
    "weights in double": lambda arrays: {name: array.astype("f8") for name, array in arrays.items()},
    "weights big-endian": lambda arrays: {name: array.astype(">f4") for name, array in arrays.items()},
    "weights of one network missing": lambda arrays: {n: a for n, a in arrays.items() if "member1_dense" not in n},
    "weights of no size": lambda arrays: {name: array[:0] for name, array in arrays.items()},
}


def _nested(members: Members) -> Members:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return with_manifest({"manifest.json": members["manifest.json"], "weights.npz": packed.getvalue()})


def _with_header(members: Members, header: str) -> Members:
    """Weights whose first array has another header."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(members["weights.npz"])) as found, zipfile.ZipFile(packed, "w") as archive:
        first, *others = found.namelist()
        numbers = found.read(first)[128:]
        archive.writestr(first, b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + numbers)
        for name in others:
            archive.writestr(name, found.read(name))
    return with_manifest(members | {"weights.npz": packed.getvalue()})


MEMBERS: dict[str, Callable[[Members], Members]] = {
    "no manifest": lambda members: {n: c for n, c in members.items() if n != "manifest.json"},
    "no weights": lambda members: {n: c for n, c in members.items() if n != "weights.npz"},
    "a file of the manifest missing": lambda members: {n: c for n, c in members.items() if n != "recipe.json"},
    "a file that the manifest does not name": lambda members: members | {"more.json": b"{}"},
    "weights of another bundle": lambda members: members | {"weights.npz": members["weights.npz"][::-1]},
    "bundle in a bundle": _nested,
    "weights a pickle": lambda members: with_manifest(members | {"weights.npz": b"cos\nsystem\n(S'true'\ntR."}),
    "header of an array nested deeply": lambda members: _with_header(members, "(" * 400),
    "header of an array that is code": lambda members: _with_header(members, "__import__('os').abort()"),
    "header of an array indented": lambda members: _with_header(members, "{\n  'descr':\n 1L"),
    "manifest of 17 MiB": lambda members: members | {"manifest.json": members["manifest.json"] + b" " * (17 << 20)},
    "manifest with a key twice": lambda members: (
        members | {"manifest.json": members["manifest.json"][:-1] + b', "format": 2}'}
    ),
    "manifest nested 100000 deep": lambda members: members | {"manifest.json": b'{"made":' * 100_000},
}


def all_hostile(honest: Members) -> Iterator[tuple[str, Members]]:
    """Yield each bundle with its name."""
    for name, change in CHANGES.items():
        document = json.loads(honest["manifest.json"])
        change(document)
        forged = with_manifest(honest, **document)
        if name.startswith("member "):
            whole = json.loads(forged["manifest.json"]) | {"members": document["members"]}
            forged |= {"manifest.json": json.dumps(whole).encode()}
        yield name, forged
    for name, fill in WEIGHTS.items():
        yield name, with_weights(honest, fill(arrays_of(honest)))
    for name, replace in MEMBERS.items():
        yield name, replace(honest)
