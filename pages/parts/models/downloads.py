"""The files of a training as downloads, under names that a reader recognises."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from core.cleaning.before_after import cell_changes
from core.cleaning.plan import plan_cleaning
from core.context import Context
from core.data.dataset import Dataset
from core.data.store import dataset_key, load_dataset
from core.delivery.bad_cells import list_bad_cells
from core.delivery.download_name import download_name
from core.delivery.results import Walked, load_predictions
from core.delivery.script import render_script
from core.delivery.tables import csv_text
from core.quality.step import profile
from core.workspace.download_links import make_link
from core.workspace.files import home_folder
from core.workspace.runs import Run
from pages.parts.frame import state
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.server import login

_MIMES = {
    "zip": "application/zip",
    "html": "text/html",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "py": "text/x-python",
}
# Larger files are streamed from disk.
_STREAMED = 20_000_000


@dataclass(frozen=True)
class _Format:
    """One format of a download: the ending of its name, its content, read on request, and its path if it is a file."""

    ending: str
    content: Callable[[], bytes] | str
    path: Path | None = None

    @property
    def exists(self) -> bool:
        """Whether there is something to download."""
        return self.path is None or self.path.exists()

    @property
    def is_large(self) -> bool:
        """Whether the file is too large to be held in memory for a download."""
        return self.path is not None and self.path.exists() and self.path.stat().st_size > _STREAMED


def show(context: LoadedContext, run: Run, results: Walked) -> None:
    """Draw the downloads of a training."""
    st.header("Downloads")
    folder, file = run.folder, state.workspace().file_of(run)
    dataset = _dataset_of(context, run)
    until = "" if dataset is None else dataset.end

    def entry(short: str, title: str, about: str, *formats: _Format) -> None:
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.markdown(f"**{title}**  \n{about}")
        with right.container(horizontal=True, horizontal_alignment="right"):
            for place, way in enumerate(formats):
                name = download_name(file.name, until, short, way.ending)
                label = f"Download {short.replace('-', ' ')}" if place == 0 else f"{title} as {_NAMES[way.ending]}"
                if way.path is not None and way.is_large:
                    token = make_link(home_folder(), state.owner(), way.path, name)
                    st.link_button(label, f"downloads/{token}")
                    continue
                st.download_button(
                    label,
                    data=way.content,
                    file_name=name,
                    mime=login.for_user(_MIMES[way.ending]),
                    key=f"download-{short}" if place == 0 else f"download-{short}-{way.ending}",
                    on_click="ignore",
                    disabled=not way.exists,
                    wrap=True,
                )

    for known in describe_models.FILES:
        path = folder / known.name
        way = _Format(known.name.rpartition(".")[2], path.read_bytes, path)
        others = [_other_format(known.short, folder)] if known.short in ("data", "predictions") else []
        size = describe_models.file_size(path)
        entry(known.short, known.title, f"{known.description} {size}.", way, *others)
    if dataset is not None:
        _show_cells(context, run, dataset, entry)
    script = render_script(run.recipe, file.name, results.evaluation.test is not None)
    entry(
        "script", "Script", "All steps as a short Python script, to run in Plumbline's folder.", _Format("py", script)
    )


_NAMES = {"csv": "CSV", "parquet": "Parquet"}


def _other_format(short: str, folder: Path) -> _Format:
    if short == "data":
        return _Format("csv", lambda: csv_text(pd.read_parquet(folder / "cleaned.parquet")).encode())
    return _Format("parquet", lambda: _parquet(load_predictions(folder)))


def _show_cells(context: LoadedContext, run: Run, dataset: Dataset, entry: Callable[..., None]) -> None:
    """Draw the downloads of single cells: the bad ones of the file, and those that cleaning changed."""
    bad = sum(column.bad.total for column in dataset.columns)

    def changes() -> pd.DataFrame:
        work = Context(dataset=dataset, recipe=run.recipe, cache=state.workspace().cache(context.project.id))
        quality = profile(work)
        kept = plan_cleaning(quality, run.recipe.cleaning).kept
        target = () if quality.roles.target is None else (quality.roles.target,)
        return cell_changes(dataset, quality, run.recipe.cleaning, tuple(dict.fromkeys((*target, *kept))), None)

    entry(
        "bad-cells",
        "Bad cells",
        f"The {bad:,} cells of the file without a usable value: line, time, column, reason and text.",
        _Format("csv", lambda: csv_text(list_bad_cells(dataset)).encode()),
        _Format("parquet", lambda: _parquet(list_bad_cells(dataset))),
    )
    entry(
        "changes",
        "Changed cells",
        "Every cell that cleaning filled, clipped, averaged or transformed, before and after.",
        _Format("csv", lambda: csv_text(changes()).encode()),
        _Format("parquet", lambda: _parquet(changes())),
    )


def _dataset_of(context: LoadedContext, run: Run) -> Dataset | None:
    """Return the data set that a run worked on; None if its table is gone."""
    folder = state.workspace().tables(context.project.id) / dataset_key(
        run.source_path, run.recipe.ingest, run.fingerprint
    )
    return load_dataset(folder) if folder.exists() else None


def _parquet(table: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    table.to_parquet(held, index=False)
    return held.getvalue()
