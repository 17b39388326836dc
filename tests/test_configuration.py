"""The settings that guard the server, the lock, and the two commands of the README."""

import re
import tomllib
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse

from core.charts import style
from pages.parts.server import fonts
from tests.loops import run_in_thread

ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(lock: str) -> dict[str, list[str]]:
    """Every locked package with its versions (some have one for each Python)."""
    versions: dict[str, list[str]] = {}
    for name, number in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), flags=re.M):
        versions.setdefault(name, []).append(number)
    return versions


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("server", "address", "127.0.0.1"),
        ("server", "enableXsrfProtection", True),
        ("server", "enableCORS", True),
        ("server", "enableStaticServing", False),
        ("browser", "gatherUsageStats", False),
        ("client", "showErrorDetails", "none"),
        ("client", "toolbarMode", "viewer"),
    ],
)
def test_no_guard_of_the_server_is_weakened(section: str, option: str, value: object) -> None:
    assert CONFIG[section][option] == value


def test_every_font_of_the_theme_is_shipped_with_its_licence() -> None:
    faces = CONFIG["theme"]["fontFaces"]
    assert {face["family"] for face in faces} == {"IBM Plex Sans", "IBM Plex Mono"}
    for face in faces:
        name = face["url"].removeprefix("/fonts/")
        assert run_in_thread(serve_font(name)).path.read_bytes().startswith(b"wOF2")
        assert f"'{face['family']}'" in CONFIG["theme"]["font"] + CONFIG["theme"]["codeFont"]
    assert style.FONT.startswith("IBM Plex Sans,")
    assert "SIL Open Font License" in (fonts.FOLDER / "OFL.txt").read_text()


@pytest.mark.parametrize("name", ["OFL.txt", "none.woff2", "../frame.css"])
def test_the_font_route_serves_nothing_else(name: str) -> None:
    with pytest.raises(HTTPException):
        run_in_thread(serve_font(name))


async def serve_font(name: str) -> FileResponse:
    return fonts.ROUTE.endpoint(Request({"type": "http", "path_params": {"name": name}}))


def test_no_option_that_opens_the_server_is_set() -> None:
    assert not {"enableAgentApi", "trustedUserHeaders", "headless"} & CONFIG["server"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_in_both_themes(theme: str) -> None:
    colours = CONFIG["theme"][theme]
    names = ("textColor", "grayTextColor", "backgroundColor", "secondaryBackgroundColor", "primaryColor")
    text, quiet, page, box, primary = (colours[name] for name in names)
    for ground in (page, box, colours["sidebar"]["backgroundColor"]):
        assert contrast(text, ground) >= 7
        assert contrast(quiet, ground) >= 4.5
        # Streamlit writes captions and placeholders in the text's colour at 60 %.
        assert contrast(mixed(text, ground, 0.6), ground) >= 4.5
    # Streamlit writes white on primary buttons in both themes; a control must stand out from the page by 3 to 1.
    assert contrast("#ffffff", primary) >= 4.5
    assert contrast(primary, page) >= 3


def mixed(over: str, ground: str, share: float) -> str:
    """The colour of a translucent one on a ground."""
    pairs = [(int(over[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02x}" for one, other in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_direct_dependency_is_locked_with_hashes(lock: str) -> None:
    versions = locked(lock)
    wanted = PROJECT["project"]["dependencies"] + (PROJECT["dependency-groups"]["dev"] if "dev" in lock else [])
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in wanted}
    assert names <= versions.keys()
    entries = re.findall(r"^[a-z0-9._-]+==.*?(?=^[a-z0-9]|\Z)", (ROOT / lock).read_text(), flags=re.M | re.S)
    assert len(entries) >= len(versions)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_all_locks_agree() -> None:
    run, develop = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: develop[name] for name in run} == run
    postgres = locked("docs/deploy/requirements-postgres.txt")
    assert {"psycopg", "psycopg-binary"} <= postgres.keys()
    assert {name: develop[name] for name in postgres} == postgres


@pytest.mark.parametrize(("package", "floor"), [("keras", "3.15.1"), ("starlette", "1.1.0"), ("pyarrow", "14.0.1")])
def test_no_package_is_locked_below_its_security_floor(package: str, floor: str) -> None:
    assert all(number(version) >= number(floor) for version in locked("requirements.txt")[package])


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "pip install -q -r requirements.txt && .venv/bin/streamlit run app.py" in readme
    assert "pip install -q -r requirements-dev.txt && .venv/bin/python -m pytest" in readme
    told = set(re.findall(r"python -m core ([a-z]+)", readme))
    assert told == {"samples", "profile", "recipe", "run", "predict", "backup", "restore", "prune"}


def test_what_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`([A-Za-z_./-]+/[A-Za-z_./-]+|LICENSE|app\.py)`", (ROOT / "README.md").read_text()))
    assert named
    assert not {name for name in named if not (ROOT / name).exists()}
