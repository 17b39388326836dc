"""Values of a data set in blocks of columns and in chunks of rows."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.columns import BadCounts, Column, Kind
from core.data.store import write_part
from core.quality.numerics import blocks

ROWS = 2_500


def test_chunks_of_rows_equal_blocks_of_columns(bench, monkeypatch):
    random = np.random.default_rng(11)
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=ROWS, unit="us")})
    frame["a.b"] = np.where(random.random(ROWS) < 0.1, np.nan, random.normal(size=ROWS))
    frame["a"] = np.where(random.random(ROWS) < 0.1, -999.0, random.normal(size=ROWS))
    frame["flag"] = random.random(ROWS) > 0.5
    frame["count"] = random.integers(0, 1 << 50, size=ROWS)
    frame.loc[7, "a"] = np.inf
    dataset = bench.dataset(frame, sentinels={"a": (-999.0,)})
    write_part(dataset.folder, 1, pa.table({"other file": random.normal(size=ROWS)}))
    wanted = [dataset.column(name) for name in ("count", "a", "flag", "a.b")]
    wanted.insert(1, Column(name="other file", original_name="other file", kind=Kind.NUMBER, bad=BadCounts()))

    monkeypatch.setattr(blocks, "_CELLS_A_CHUNK", 3_000)
    chunks = [chunk.values() for chunk in blocks.read_chunks(dataset, wanted)]
    (block,) = blocks.read_blocks(dataset, wanted, ROWS)
    assert [chunk.shape for chunk in chunks] == [(5, 600)] * 4 + [(5, 100)]
    np.testing.assert_array_equal(np.concatenate(chunks, axis=1), block.values)
    assert np.isnan(block.values[2]).sum() == 1 + (frame["a"] == -999).sum()
