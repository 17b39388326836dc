"""Names of downloaded files: what a reader recognises in a folder, and every system accepts."""

import re
import unicodedata

_MOST = 40
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
_ENDINGS = re.compile(r"\.(csv|tsv|txt|dat|gz|zip|xz|bz2|zst|parquet|xlsx)$", re.IGNORECASE)


def download_name(file: str, until: str, kind: str, ending: str) -> str:
    """Return a file name of letters, digits, dots, hyphens and underscores, at most 80 characters long.

    Parameters
    ----------
    file
        The name of the user's file.
    until
        An ISO time stamp: where the data end.
    kind, ending
        What the download is, and the ending of its name.

    Examples
    --------
    >>> download_name("sp500-drivers.csv", "2018-12-31T00:00:00", "model", "zip")
    'sp500-drivers_2018-12-31_model.zip'
    >>> download_name("../../Börse 1.csv.gz", "2018-12-31", "report", "html"), download_name("日経", "", "model", "zip")
    ('Borse-1_2018-12-31_report.html', 'data_model.zip')
    """
    stem = file.replace("\\", "/").rpartition("/")[2]
    while _ENDINGS.search(stem):
        stem = _ENDINGS.sub("", stem)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    calm = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:_MOST].strip("-_")
    if not calm or _RESERVED.match(calm):
        calm = "data"
    day = until[:10] if re.match(r"\d{4}-\d{2}-\d{2}", until) else ""
    return "_".join(part for part in (calm, day, kind) if part) + f".{ending}"
