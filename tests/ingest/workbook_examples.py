"""Excel workbooks for tests, built part by part, so that a test controls exactly what the file contains."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# Styles by number: 0 general, 1 date, 2 percentage, 3 time of day, 4 duration, 5 custom date.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="[$-409]d\\-mmm\\-yy;@"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="20"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/></cellXfs></styleSheet>'
)


def cell(place: str, value: str, kind: str = "n", style: int = 0) -> str:
    """The XML of a cell; `kind` is `n`, `b`, `e`, `s`, `str` or `inlineStr`."""
    inside = f"<is><t>{escape(value)}</t></is>" if kind == "inlineStr" else f"<v>{escape(value)}</v>"
    return f'<c r="{place}" s="{style}" t="{kind}">{inside}</c>'


def rows(*lines: list[str], first: int = 1, letters: str = "ABCDEFGH") -> str:
    """The XML of rows of texts and numbers; an empty text makes no cell, an empty list no row."""
    made = []
    for number, line in enumerate(lines, first):
        cells = [
            cell(f"{letters[place]}{number}", text, "n" if is_number(text) else "inlineStr")
            for place, text in enumerate(line)
            if text
        ]
        if cells:
            made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(made)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_workbook(
    path: Path,
    sheets: dict[str, str],
    *,
    texts: str = "",
    since_1904: bool = False,
    hidden: tuple[str, ...] = (),
    prefix: str = "",
    replaced: dict[str, str] | None = None,
) -> Path:
    """Write a workbook: for each sheet the XML of its rows; `texts` are the `<si>` elements of the shared strings."""
    mark = f"{prefix}:" if prefix else ""
    state = dict.fromkeys(hidden, 'state="hidden"')
    named = "".join(
        f'<{mark}sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}" {state.get(name, "")}/>'
        for n, name in enumerate(sheets, 1)
    )
    space = f'xmlns{":" + prefix if prefix else ""}="{MAIN}"'
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="{"/xl/" if n % 2 else ""}worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<{mark}workbook {space} xmlns:r="{OFFICE}"><{mark}workbookPr date1904="{int(since_1904)}"/>'
        f"<{mark}sheets>{named}</{mark}sheets></{mark}workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}'
        f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
    }
    for n, data in enumerate(sheets.values(), 1):
        if prefix:
            data = data.replace("</", f"</{mark}").replace("<", f"<{mark}").replace(f"<{mark}/", "</")
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f"<{mark}worksheet {space}><{mark}sheetData>{data}</{mark}sheetData></{mark}worksheet>"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | (replaced or {})).items():
            archive.writestr(name, HEAD + content)
    return path
