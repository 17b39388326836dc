"""The model bundle: what a prediction needs, as JSON and plain numbers, read without trusting a byte of it.

    MODEL_CARD.md     what it predicts, on what data, how well, and how to use it
    manifest.json     everything but the weights; names the SHA-256 of every other member
    manifest.sha256   its own SHA-256, in the format of `sha256sum -c`
    weights.npz       the network's numbers
    model.keras       the same network for the user's own tools; never read back
    catboost.cbm      the CatBoost model of the feature ranking; never read back
    recipe.json  report.html  predictions.csv  metrics.json  verdict.json
    predict.py  requirements.txt  plumbline/core/…    scores new rows with numpy, pandas and pyarrow alone

The comment of the ZIP file is the SHA-256 of everything before it, so a single flipped bit is noticed; in a folder that it was
unzipped to, by the checksums of its files.
"""

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError, field_validator, model_validator

from core.cleaning.fitted import FittedCleaning
from core.data.calendar import MarketCalendar
from core.data.columns import Kind, Roles
from core.data.eras import Eras
from core.delivery.manifest_faults import (
    cleaning_faults,
    columns_faults,
    eras_faults,
    features_faults,
    scaling_faults,
    task_faults,
    weights_faults,
)
from core.delivery.scoring_model import ScoringModel, TableFormat
from core.errors.bundle import (
    BundleChanged,
    BundleTooLarge,
    BundleUnreadable,
    DamagedBundle,
    InvalidManifest,
    NotABundle,
)
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.evaluation.calibration import Calibration
from core.forecast.evaluation.certificate import Certificate
from core.forecast.evaluation.intervals import Interval
from core.forecast.evaluation.trials import Trials
from core.forecast.network.network import MOST_MEMBERS, Network, NetworkShape, read_weights
from core.forecast.network.scaling import Scaling
from core.recipe.model import IngestSettings, Settings
from core.samples.features import FeaturePlan
from core.samples.task import Task
from core.text.escape import plain_text

MANIFEST = "manifest.json"
MANIFEST_CHECKSUM = "manifest.sha256"
WEIGHTS = "weights.npz"

MOST_BYTES = 256 << 20
MOST_UNPACKED = 1 << 30
MOST_RATIO = 200
MOST_FILES = 256
MOST_MANIFEST = 16 << 20
MOST_WEIGHTS = 512 << 20
MOST_CALENDARS = 10_000
MOST_TEXT = 500

_NAME = re.compile(r"[A-Za-z0-9_]+(\.[a-z0-9]+)?(/[A-Za-z0-9_]+(\.[a-z0-9]+)?){0,5}")
_SEAL_LENGTH = len("plumbline sha256 ") + 64
# The record that ends a zip file, and how far its directory may reach for MOST_FILES names.
_END = struct.Struct("<4s4H2LH")
_MOST_DIRECTORY = 1 << 20

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
MemberName = Annotated[str, Field(pattern=rf"^{_NAME.pattern}$", max_length=200)]
Text = Annotated[str, Field(max_length=MOST_TEXT)]


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The result of scoring the unpacked bundle in a separate process.

    `rows` predictions were compared with those of the run; `largest` is the largest difference, relative to the size of the
    prediction. `read` is what was scored: the user's file, or its table as Plumbline had read it, since the bundle's own reader
    refuses the file.
    """

    rows: Annotated[int, Field(ge=0)]
    largest: float
    read: Literal["file", "table"]


@dataclass(frozen=True, kw_only=True)
class Refit:
    """That the network of a bundle was refitted on train and validation, and so was not evaluated.

    `until` is the time stamp of the last outcome in the refit, `epochs` the epochs of each network.
    """

    until: Text
    epochs: Annotated[tuple[Annotated[int, Field(ge=0, le=100_000)], ...], Field(max_length=MOST_MEMBERS)]


class Manifest(Settings):
    """What a prediction needs besides the weights, and where the model comes from.

    `kinds` are the columns that new rows must have, `chosen` the features that enter the network, in order. `bounds` limit the
    predicted outcomes, and `factor` scales predicted levels. `interval` is None if there were too few validation rows to
    calibrate one; `calibration` is that of predicted probabilities. `calendars` are those of the markets by series, "" if there
    is only one. `made` is the time of export, `versions` those of the libraries that trained the model, `trials` the counts of
    the file at that time, `causality` the certificate that nothing depends on later rows. `inputs` are the ranges of the chosen
    features over the train rows, scaled, and `rows_a_year` annualises a volatility. `table` is the layout of the user's file
    `file_name` if the bundle's own reader can read it, and `left_out` are its columns that the model was not trained with.
    `verified` is how the unpacked bundle compared with its run. `refit` is None if the network is the evaluated one.
    """

    format: Literal[1] = 1
    made: Text
    versions: dict[Text, Text]
    fingerprint: Digest
    eras: Eras
    frequency: Annotated[str, Field(pattern=r"^[0-9]{0,4}[A-Za-z]{1,4}(-[A-Z]{3})?$")] | None
    ingest: IngestSettings
    roles: Roles
    kinds: dict[str, Kind]
    cleaning: FittedCleaning
    features: FeaturePlan
    chosen: Annotated[tuple[str, ...], Field(min_length=1, max_length=10_000)]
    scaling: Scaling
    shape: NetworkShape
    networks: Annotated[int, Field(ge=1, le=MOST_MEMBERS)]
    task: Task
    bounds: OutcomeBounds | None = None
    factor: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    interval: Interval | None
    calibration: Calibration | None = None
    trials: Trials = Trials()
    causality: Certificate | None = None
    calendars: dict[Text, MarketCalendar] = {}
    inputs: Annotated[tuple[tuple[float, float], ...], Field(max_length=10_000)] = ()
    table: TableFormat | None = None
    file_name: Text = ""
    rows_a_year: Annotated[float, Field(gt=0, le=1e9)] | None = None
    left_out: Annotated[tuple[Text, ...], Field(max_length=20_000)] = ()
    verified: Verified | None = None
    refit: Refit | None = None
    members: Annotated[dict[MemberName, Digest], Field(max_length=MOST_FILES)] = {}

    @field_validator("frequency")
    @classmethod
    def _known_frequency(cls, frequency: str | None) -> str | None:
        if frequency is not None and pd.tseries.frequencies.to_offset(frequency).n < 1:
            raise ValueError("it is no time at all")
        return frequency

    @model_validator(mode="after")
    def _whole(self) -> "Manifest":
        shape, scaling = self.shape, self.scaling
        sized = (
            1 <= shape.window <= 1000
            and 1 <= len(shape.units) <= 4
            and all(1 <= units <= 1024 for units in shape.units)
            and 0 <= shape.dropout < 1
            and all(shape.features == len(self.chosen) == len(each.center) == len(each.scale) for each in scaling.each)
        )
        if not sized:
            raise ValueError("the network's shape, its features and their scaling do not fit together")
        weights = sum(4 * int(np.prod(size)) for size in shape.weights().values())
        if weights * self.networks > MOST_WEIGHTS:
            raise ValueError(f"the network is too large: {weights * self.networks:,} bytes of weights")
        if self.inputs and (len(self.inputs) != len(self.chosen) or any(low > high for low, high in self.inputs)):
            raise ValueError("the ranges of the features do not fit them")
        if any(min(*each.scale, each.outcome_scale) <= 0 for each in scaling.each):
            raise ValueError("a scale is not positive")
        if scaling.caps and (len(scaling.caps) != len(scaling.scale) or not min(scaling.caps) > 0):
            raise ValueError("the caps of scaled features are not one positive number each")
        if self.cleaning.fill not in ("forward", "median", "none"):
            raise ValueError("the cleaning fills in a way that is not known")
        if not self.cleaning.is_consistent():
            raise ValueError("the cleaning changes or cuts in a way that is not known")
        if self.interval is not None and not self.interval.is_consistent():
            raise ValueError("the interval is not one")
        if self.calibration is not None and not self.calibration.is_consistent():
            raise ValueError("the calibration of probabilities is not one")
        if self.bounds is not None and not self.bounds.is_consistent():
            raise ValueError("the bounds of predictions are not finite and in order")
        if len(self.calendars) > MOST_CALENDARS or not all(one.is_consistent() for one in self.calendars.values()):
            raise ValueError("a calendar is not a usual week of bars")
        if not 1 <= self.task.horizon <= 250 or self.task.target != self.roles.target:
            raise ValueError("the task does not fit the roles")
        columns = {self.task.target, *self.cleaning.columns}
        steps = {step.name for step in self.features.steps}
        if self.cleaning.roles != self.roles or columns != self.kinds.keys() or not steps.issuperset(self.chosen):
            raise ValueError("the columns, the cleaning and the features do not fit together")
        faults = chain(
            eras_faults(self.eras),
            columns_faults(self.roles, self.kinds, self.ingest),
            cleaning_faults(self.cleaning),
            features_faults(self.features, self.chosen, columns),
            scaling_faults(scaling, self.task, self.bounds),
            task_faults(self.task, self.interval, self.calibration is not None, self.trials),
        )
        if fault := next(faults, ""):
            raise ValueError(fault)
        if scaling.series and self.roles.series is None:
            raise ValueError("the scaling has series, and the model has none")
        return self

    @property
    def model(self) -> ScoringModel:
        """The part of the manifest that scoring needs."""
        return ScoringModel(**{field.name: getattr(self, field.name) for field in fields(ScoringModel)})


@dataclass(frozen=True, eq=False)
class Bundle:
    """A bundle ready to predict with."""

    manifest: Manifest
    network: Network


def read_bundle(path: Path) -> Bundle:
    """Return the bundle in a zip file, or in the folder that it was unzipped to; raises `BundleError` on anything else.

    Only the manifest and the weights are read, each by its fixed name and to memory; nothing is unpacked, imported or run. In a
    folder every file that the manifest names must have its checksum; others may have been added.
    """
    if path.is_dir():
        return _read_folder(path)
    content = _read_file(path, MOST_BYTES)
    _require_checksum(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_plausible(archive.infolist(), len(content))
            manifest = _read_member(archive, MANIFEST, MOST_MANIFEST)
            weights = _read_member(archive, WEIGHTS, MOST_WEIGHTS)
            found = set(archive.namelist()) - {MANIFEST, MANIFEST_CHECKSUM}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DamagedBundle(reason=f"not a complete ZIP file ({error})") from error
    bundle = _build(manifest, weights)
    absent = bundle.manifest.members.keys() - found
    foreign = found - bundle.manifest.members.keys()
    if absent or foreign:
        name = plain_text(sorted(absent or foreign)[0])
        what = "is missing" if absent else "is not in the manifest"
        raise DamagedBundle(reason=f"its file {name} {what}")
    return bundle


def _read_folder(folder: Path) -> Bundle:
    manifest = _read_file(folder / MANIFEST, MOST_MANIFEST)
    if _read_file(folder / MANIFEST_CHECKSUM, len(checksum_file(manifest))) != checksum_file(manifest):
        raise DamagedBundle(reason=f"{MANIFEST} does not match {MANIFEST_CHECKSUM}")
    bundle = _build(manifest, _read_file(folder / WEIGHTS, MOST_WEIGHTS))
    left = MOST_UNPACKED
    for name, expected in bundle.manifest.members.items():
        content = _read_file(folder / name, left)
        if digest_of(content) != expected:
            raise DamagedBundle(reason=f"its file {plain_text(name)} does not match the manifest")
        left -= len(content)
    return bundle


def _build(manifest: bytes, weights: bytes) -> Bundle:
    try:
        described = Manifest.model_validate_json(manifest)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidManifest(field=field, reason=first["msg"]) from error
    if described.members.get(WEIGHTS) != digest_of(weights):
        raise DamagedBundle(reason="its weights do not match the manifest")
    network = read_weights(io.BytesIO(weights), described.shape)
    if len(network.members) != described.networks:
        raise DamagedBundle(reason=f"it has {len(network.members)} networks, the manifest says {described.networks}")
    if fault := next(weights_faults(network), ""):
        raise DamagedBundle(reason=fault)
    return Bundle(described, network)


def _read_file(path: Path, most: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BundleUnreadable(path=str(path), reason="not a regular file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise BundleUnreadable(path=str(path), reason=error.strerror or "unknown") from error
    if len(content) > most:
        raise BundleTooLarge(what=str(path), most_mib=most >> 20)
    return content


def _require_plausible(found: list[zipfile.ZipInfo], size: int) -> None:
    """Raise `NotABundle` if the directory shows an archive that no export writes; nothing is unpacked."""
    unpacked = sum(info.file_size for info in found)
    doubled = [name for name, count in Counter(info.filename for info in found).items() if count > 1]
    odd = [info.filename for info in found if not _NAME.fullmatch(info.filename) or _is_special(info)]
    fault = ""
    if len(found) > MOST_FILES:
        fault = f"it has {len(found)} files, more than {MOST_FILES}"
    elif unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * size:
        fault = f"{size:,} bytes unpack to {unpacked:,}"
    elif any(info.file_size > MOST_RATIO * max(info.compress_size, 1) for info in found):
        fault = f"a file in it has a compression ratio above {MOST_RATIO}:1"
    elif doubled:
        fault = f"it has the file {plain_text(doubled[0])} twice"
    elif odd:
        fault = f"it has a file named {plain_text(odd[0], most=80)}"
    if fault:
        raise NotABundle(found=fault)


def _is_special(info: zipfile.ZipInfo) -> bool:
    """Return whether a file in the archive is encrypted, a link, a folder or a device."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    return bool(info.flag_bits & 0x1) or kind not in (0, stat.S_IFREG)


def checksum_line(content: bytes | memoryview) -> bytes:
    """Return the checksum line that ends a bundle whose other bytes are `content`."""
    return f"plumbline sha256 {digest_of(content)}".encode()


def checksum_file(manifest: bytes) -> bytes:
    """Return the content of `manifest.sha256`, which `sha256sum -c` reads."""
    return f"{digest_of(manifest)}  {MANIFEST}\n".encode()


def _require_checksum(content: bytes) -> None:
    """Raise `BundleError` unless the file is a ZIP with a small directory and a valid checksum."""
    before = memoryview(content)[:-_SEAL_LENGTH]
    if not content.startswith(b"PK\x03\x04") or len(before) < _END.size:
        raise NotABundle(found="it is not a ZIP file")
    if content[-_SEAL_LENGTH:] != checksum_line(before):
        raise BundleChanged()
    end = _END.unpack(before[-_END.size :])
    large = bytes(before[-_END.size - 20 :][:4]) == b"PK\x06\x07"  # a second, 64-bit end record would overrule this one
    if end[0] != b"PK\x05\x06" or end[5] > _MOST_DIRECTORY or large:
        raise NotABundle(found=f"it has more than {MOST_FILES} files")


def _read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise NotABundle(found=f"it has no {name}") from error
    if info.file_size > most:
        raise BundleTooLarge(what=f"The bundle's {name}", most_mib=most >> 20)
    with archive.open(info) as member:
        return member.read(most)


def digest_of(content: bytes | memoryview) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits.

    Examples
    --------
    >>> digest_of(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()
