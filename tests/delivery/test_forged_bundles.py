"""A bundle made to do harm is refused before anything is built or run."""

import io
import json
import os
import pickle
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.delivery import bundle as bundle_format
from core.delivery.bundle import checksum_line, read_bundle
from core.errors.bundle import BundleChanged, BundleTooLarge, BundleUnreadable, InvalidManifest, NotABundle
from core.errors.model import BundleError
from tests.delivery.forging import arrays_of, members_of, sealed, with_manifest, with_weights

SERIES = {"center": [0, 0], "scale": [1, 1], "outcome_center": 0, "outcome_scale": 0.01}
SCALING = {"center": [0, 0], "scale": [1, 1], "outcome_center": 0, "outcome_scale": 0.01}
CLEANING = {
    "roles": {"time": "date", "series": None, "target": "close"},
    "features": ["vix"],
    "fill": "forward",
    "max_fill": 5,
    "fill_values": {},
    "clip": {},
    "sentinels": {},
}
STATE = {"as_of": "2023-01-02", "scores": [1.0, 2.0], "alphas": [0.1, 0.1, 0.1]}
INTERVAL = {"nominal": 0.9, "most_scores": 500, "states": [STATE]}
CALENDAR = {"clock": {"market": None, "stamps": None}, "runs": [{"first": 0, "count": 1, "step": 1}], "days": 20}
FILL_UNKNOWN = CLEANING | {"fill": "backward"}


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("date,close\n2024-01-01,1\n" * 20)
    with pytest.raises(NotABundle):
        read_bundle(path)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleUnreadable):
        read_bundle(tmp_path / "absent.zip")
    with pytest.raises(BundleUnreadable):
        read_bundle(tmp_path)


def test_a_zip_without_a_seal_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "unsealed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members_of(bundle_file).items():
            archive.writestr(name, content)
    with pytest.raises(BundleChanged):
        read_bundle(path)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "../../../../tmp/evil.py",
        "/etc/evil",
        "//host/share/evil",
        "C:\\evil.py",
        "plumbline\\..\\evil.py",
        "plumbline/../../evil.py",
        "plumbline/./evil.py",
        "plumbline//evil.py",
        "folder/",
        "a" * 300 + ".py" * 2,
        "evil.py ",
        "evil\n.py",
        "\u202eyp.live",
        "\uff0e\uff0e/evil.py",
        "~/evil.py",
        "-rf",
        ".hidden",
        "CON:",
        "a/b/c/d/e/f/g/h",
    ],
)
def test_a_member_name_that_no_export_writes_is_refused(name: str, bundle_file: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    members = members_of(bundle_file) | {name: b"evil"}
    with pytest.raises(NotABundle, match="a file named"):
        read_bundle(sealed(tmp_path / "named.zip", members))
    assert sorted(tmp_path.rglob("*")) == [*before, tmp_path / "named.zip"]


def test_a_link_as_a_member_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    def link(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("link.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    with pytest.raises(BundleError, match=r"link\.json"):
        read_bundle(sealed(tmp_path / "link.zip", members_of(bundle_file), link))


def test_a_member_that_stands_twice_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    def twice(archive: zipfile.ZipFile) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("manifest.json", b"{}")

    with pytest.raises(NotABundle, match="twice"):
        read_bundle(sealed(tmp_path / "twice.zip", members_of(bundle_file), twice))


def test_a_bomb_is_refused_by_its_directory_alone(bundle_file: Path, tmp_path: Path) -> None:
    bomb = {"model.keras": bytes(64 << 20)}
    path = sealed(tmp_path / "bomb.zip", members_of(bundle_file) | bomb)
    with pytest.raises(NotABundle, match="unpack|ratio"):
        read_bundle(path)


def test_a_bomb_that_lies_about_its_size_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    path = sealed(tmp_path / "liar.zip", members_of(bundle_file) | {"manifest.json": b" " * (8 << 20)})
    content = bytearray(path.read_bytes()[: -len(checksum_line(b""))])
    size = (8 << 20).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(content + checksum_line(bytes(content)))
    with pytest.raises(BundleError):
        read_bundle(path)


def test_too_many_members_are_refused(bundle_file: Path, tmp_path: Path) -> None:
    crowd = {f"member{number}.json": b"{}" for number in range(300)}
    with pytest.raises(NotABundle, match="more than 256"):
        read_bundle(sealed(tmp_path / "crowd.zip", members_of(bundle_file) | crowd))
    crowd = {f"member{number}.json": b"" for number in range(20_000)}
    with pytest.raises(NotABundle, match="more than 256"):
        read_bundle(sealed(tmp_path / "crowd.zip", crowd))


def test_a_file_over_the_cap_is_refused(bundle_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_format, "MOST_BYTES", bundle_file.stat().st_size - 1)
    with pytest.raises(BundleTooLarge):
        read_bundle(bundle_file)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 2}, "format"),
        ({"format": "1; import os"}, "format"),
        ({"surprise": 1}, "surprise"),
        ({"roles": {"time": "date", "series": None, "target": "close", "surprise": 1}}, "roles"),
        ({"fingerprint": "/etc/passwd"}, "fingerprint"),
        ({"frequency": "http://127.0.0.1/"}, "frequency"),
        ({"frequency": "XYZ"}, "frequency"),
        ({"networks": 0}, "networks"),
        ({"networks": 1}, "2 networks, the manifest says 1"),
        ({"networks": 21}, "networks"),
        ({"chosen": []}, "chosen"),
        ({"chosen": ["close.log_return"]}, "do not fit together"),
        ({"chosen": ["close.log_return", "absent"]}, "do not fit together"),
        ({"kinds": {"close": "number"}}, "do not fit together"),
        ({"kinds": {"close": "number", "vix": "program"}}, "kinds"),
        ({"shape": {"cell": "lstm", "window": 5, "features": 2, "units": [10**9], "dropout": 0}}, "fit together"),
        ({"shape": {"cell": "lstm", "window": 10**12, "features": 2, "units": [4], "dropout": 0}}, "fit together"),
        ({"shape": {"cell": "lstm", "window": 5, "features": 2, "units": [], "dropout": 0}}, "fit together"),
        ({"shape": {"cell": "lambda", "window": 5, "features": 2, "units": [4], "dropout": 0}}, "cell"),
        ({"shape": {"cell": "gru", "window": 5, "features": 2, "units": [4], "dropout": 0}}, "array"),
        ({"scaling": {"center": [0, 0], "scale": [1, 0], "outcome_center": 0, "outcome_scale": 1}}, "not positive"),
        (
            {"scaling": {"center": [0, 0], "scale": [1, 1], "outcome_center": 0, "outcome_scale": 1, "caps": [1]}},
            "one positive number each",
        ),
        (
            {"scaling": {"center": [0, 0], "scale": [1, 1], "outcome_center": 0, "outcome_scale": 1, "caps": [1, 0]}},
            "one positive number each",
        ),
        ({"scaling": {"center": [0], "scale": [1], "outcome_center": 0, "outcome_scale": 1}}, "fit together"),
        ({"scaling": SCALING | {"series": {"A": SERIES}}}, "the scaling has series, and the model has none"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"center": [0]}}}}, "fit together"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"scale": [1, 1, 1]}}}}, "fit together"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"scale": [1, 0]}}}}, "not positive"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"outcome_scale": 0}}}}, "not positive"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"outcome_scale": float("nan")}}}}, "scaling"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"center": [float("inf"), 0]}}}}, "scaling"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"center": [1e31, 0]}}}}, "a number above"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"outcome_center": 5}}}}, "outside the bounds"),
        ({"scaling": SCALING | {"series": {"A": SERIES | {"surprise": 1}}}}, "surprise"),
        ({"scaling": SCALING | {"series": {str(each): SERIES for each in range(100_001)}}}, "100,001 series"),
        ({"task": {"target": "close", "predict": "level", "horizon": 10**9}}, "task"),
        ({"task": {"target": "vix", "predict": "level", "horizon": 1}}, "task"),
        ({"task": {"target": "close", "predict": "eval", "horizon": 1}}, "predict"),
        ({"interval": INTERVAL | {"nominal": 2}}, "interval"),
        ({"interval": INTERVAL | {"most_scores": 10**9}}, "interval"),
        ({"interval": INTERVAL | {"states": []}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE] * 3}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE | {"scores": []}]}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE | {"scores": [-1]}]}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE | {"scores": [1] * 20_001}]}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE | {"alphas": [0.1, 1e9, 0.1]}]}}, "interval"),
        ({"interval": INTERVAL | {"states": [STATE | {"alphas": [0.1]}]}}, "alphas"),
        ({"interval": INTERVAL | {"states": [STATE | {"as_of": "soon"}]}}, "interval"),
        ({"bounds": {"low": 0.1, "high": -0.1}}, "bounds of predictions are not finite and in order"),
        ({"bounds": {"low": float("nan"), "high": 0.1}}, "bounds"),
        ({"bounds": {"low": -0.1, "high": float("inf")}}, "bounds"),
        ({"bounds": {"low": 1}}, "bounds"),
        ({"made": "x" * 10_000}, "made"),
        ({"cleaning": FILL_UNKNOWN}, "cleaning"),
        ({"cleaning": CLEANING | {"transforms": {"vix": ["exec"]}}}, "cleaning"),
        ({"cleaning": CLEANING | {"transforms": {"vix": ["return", "log"]}}}, "not known"),
        ({"cleaning": CLEANING | {"transforms": {"absent": ["log"]}}}, "not known"),
        ({"cleaning": CLEANING | {"transforms": {"close": ["log"]}}}, "not known"),
        (
            {"cleaning": CLEANING | {"max_gap": 3, "calendar": {"step": 0, "weekends": True, "rows_per_day": 0}}},
            "not known",
        ),
        ({"cleaning": CLEANING | {"duplicates": "worst"}}, "cleaning"),
        ({"calendars": {"": CALENDAR | {"runs": []}}}, "usual week"),
        ({"calendars": {"": CALENDAR | {"runs": [{"first": 0, "count": 10**15, "step": 1}]}}}, "usual week"),
        ({"calendars": {"": CALENDAR | {"runs": [{"first": 0, "count": 10**6, "step": 1}]}}}, "usual week"),
        ({"calendars": {"": CALENDAR | {"runs": [{"first": 0, "count": 2, "step": 10**40}]}}}, "usual week"),
        ({"calendars": {"": CALENDAR | {"clock": {"market": "/etc/localtime", "stamps": None}}}}, "calendars"),
        ({"calendars": {"x" * 1000: CALENDAR}}, "calendars"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    changes: dict[str, object], says: str, bundle_file: Path, tmp_path: Path
) -> None:
    members = with_manifest(members_of(bundle_file), **changes)
    with pytest.raises(BundleError, match=says):
        read_bundle(sealed(tmp_path / "odd.zip", members))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 2000, b'{"format": NaN}', b'{"format": 1}', b"{}" * 9]
)
def test_a_manifest_that_is_not_one_is_refused(text: bytes, bundle_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest):
        read_bundle(sealed(tmp_path / "text.zip", members_of(bundle_file) | {"manifest.json": text}))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(number: str, bundle_file: Path, tmp_path: Path) -> None:
    members = with_manifest(members_of(bundle_file))
    text = members["manifest.json"].replace(b'"nominal": 0.9', f'"nominal": {number}'.encode())
    assert text != members["manifest.json"]
    with pytest.raises(BundleError, match="nominal"):
        read_bundle(sealed(tmp_path / "infinite.zip", members | {"manifest.json": text}))


class Payload:
    """Unpickled, it makes the file named in it: a canary."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch '{self.canary}'",)


def test_nothing_is_unpickled_from_the_weights(bundle_file: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    members = members_of(bundle_file)
    arrays = arrays_of(members)
    name = next(iter(arrays))
    trap = np.empty(1, dtype=object)
    trap[0] = Payload(canary)
    hostile = [
        with_weights(members, arrays | {name: trap}),
        with_weights(members, arrays | {"more": trap}),
        with_manifest(members | {"weights.npz": pickle.dumps(Payload(canary))}),
    ]
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        for array in arrays:
            archive.writestr(f"{array}.npy", pickle.dumps(Payload(canary)))
    hostile.append(with_manifest(members | {"weights.npz": inside.getvalue()}))
    for number, forged in enumerate(hostile):
        with pytest.raises(BundleError):
            read_bundle(sealed(tmp_path / f"{number}.zip", forged))
    assert not canary.exists()
    pickle.loads(pickle.dumps(Payload(canary)))
    assert canary.exists(), "the payload itself does nothing: this test could not fail"


def test_arrays_of_another_shape_type_or_name_are_refused(bundle_file: Path, tmp_path: Path) -> None:
    members = members_of(bundle_file)
    arrays = arrays_of(members)
    name = next(iter(arrays))
    renamed = {("other" if key == name else key): value for key, value in arrays.items()}
    missing = {key: value for key, value in arrays.items() if key != name}
    forged = [
        arrays | {name: arrays[name].astype(np.float64)},
        arrays | {name: arrays[name].astype("<i4")},
        arrays | {name: arrays[name].T.copy()},
        arrays | {name: arrays[name][:1]},
        arrays | {name: np.full_like(arrays[name], np.nan)},
        arrays | {name: np.zeros(1 << 20, dtype=np.float32)},
        arrays | {"more": arrays[name]},
        renamed,
        missing,
        {},
    ]
    for weights in forged:
        with pytest.raises(BundleError):
            read_bundle(sealed(tmp_path / "forged.zip", with_weights(members, weights)))


def test_reading_opens_the_bundle_alone_and_starts_nothing(bundle_file: Path, tmp_path: Path) -> None:
    members = members_of(bundle_file)
    hostile = json.loads(members["manifest.json"])
    hostile |= {"made": "/etc/passwd", "versions": {"file:///etc/passwd": "http://127.0.0.1:9/"}}
    hostile["ingest"] |= {"encoding": "/etc/passwd", "ignore": ["../../etc/passwd", "\\\\127.0.0.1\\share"]}
    hostile["kinds"] |= {"http://127.0.0.1:9/": "number"}
    hostile["cleaning"]["features"].append("http://127.0.0.1:9/")
    hostile["features"]["steps"].append(
        {"name": "/etc/passwd", "source": "http://127.0.0.1:9/", "kind": "level", "periods": 1, "delay": 0}
    )
    forged = sealed(tmp_path / "paths.zip", with_manifest(members, **hostile))
    told = f"""
import sys
from pathlib import Path
from core.delivery.bundle import read_bundle
read_bundle(Path({str(bundle_file)!r}))  # codecs are loaded now
seen = []
sys.addaudithook(lambda event, arguments: seen.append((event, arguments)))
read_bundle(Path({str(bundle_file)!r}))
read_bundle(Path({str(forged)!r}))
bad = ("pickle.find_class", "marshal.loads", "subprocess.Popen", "os.system", "os.exec", "import", "exec", "socket.")
print([event for event, _ in seen if event.startswith(bad)], sorted({{str(what[0]) for event, what in seen if event == "open"}}))
print([name for name in ("keras", "tensorflow", "h5py") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"[] {sorted([str(bundle_file), str(forged)])}", "[]"], done.stderr
