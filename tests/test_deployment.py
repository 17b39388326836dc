"""The files for containers agree with the project and with each other; what runs in the image is run here."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from core.workspace.database import database_address
from pages.parts.server import health
from tests.running_server import STREAMLIT, Server
from tests.test_configuration import CONFIG, PROJECT, locked

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "deploy"
DOCKERFILE = re.sub(r"\\\n\s*", "", (FOLDER / "Dockerfile").read_text())
INSTRUCTIONS = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
CADDYFILE = re.sub(r"(?m)^\s*#.*\n", "", (FOLDER / "Caddyfile").read_text())


def told(name: str) -> list[str]:
    """What the Dockerfile tells with an instruction, once for each time."""
    return [rest for instruction, rest in INSTRUCTIONS if instruction == name]


def copied() -> dict[str, str]:
    """What the image holds of the repository, by its place in it."""
    places = {}
    for line in told("COPY"):
        *sources, target = line.split()
        places |= dict.fromkeys(sources, target)
    return places


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder that the image runs in."""
    folder = tmp_path / "app"
    folder.mkdir()
    for source, target in copied().items():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, folder)
    return folder


def test_the_image_holds_what_it_installs_and_runs() -> None:
    assert all((ROOT / source).exists() for source in copied())
    assert {"app.py", "core", "pages", ".streamlit"} <= copied().keys()
    locks = re.findall(r"-r (\S+)", " ".join(told("RUN")))
    assert locks == [Path(source).name for source in copied() if source.endswith(".txt")]
    assert " ".join(told("RUN")).count("--require-hashes") == len(locks)
    python = re.match(r"python:3\.(\d+)-slim$", told("FROM")[0])
    low, high = re.findall(r"3\.(\d+)", PROJECT["project"]["requires-python"])
    assert int(low) <= int(python[1]) < int(high)


def test_every_extra_of_the_image_is_locked_as_in_development() -> None:
    develop = locked("requirements-dev.txt")
    for extra, lock in (("postgres", "requirements-postgres.txt"), ("login", "requirements-login.txt")):
        found = locked(f"docs/deploy/{lock}")
        names = {re.match(r"[a-z0-9-]+", line)[0] for line in PROJECT["project"]["optional-dependencies"][extra]}
        assert names <= found.keys()
        assert f"docs/deploy/{lock}" in copied()
        assert {name: develop[name] for name in found} == found


def test_the_image_serves_its_port_and_its_health_check_passes(image: Path, tmp_path: Path) -> None:
    (port,), (command,), (check,) = told("EXPOSE"), told("CMD"), told("HEALTHCHECK")
    assert health.ROUTE.path in check
    assert f":{port}/" in check
    server = Server(tmp_path)
    streamlit, run, *words = yaml.safe_load(command)
    assert (streamlit, run, words[0]) == ("streamlit", "run", "app.py")
    words = [str(server.port) if word == port else word for word in words]
    assert str(server.port) in words
    server.start((*STREAMLIT, *words), image)
    try:
        python, *rest = yaml.safe_load(check.partition(" CMD ")[2])
        assert python == "python"
        probe = [sys.executable, *(word.replace(f":{port}/", f":{server.port}/") for word in rest)]
        assert subprocess.run(probe).returncode == 0
    finally:
        server.end()
    assert subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 1


def test_a_command_of_the_image_finds_the_project(image: Path) -> None:
    told = subprocess.run([sys.executable, "-m", "core", "--version"], cwd=image, capture_output=True, text=True)
    assert told.stdout.split() == ["Plumbline", PROJECT["project"]["version"]]


def test_the_services_name_only_what_is_there() -> None:
    assert COMPOSE.keys() == {"name", "services", "volumes", "networks"}
    services = COMPOSE["services"]
    assert services.keys() == {"plumbline", "database", "proxy"}
    build = services["plumbline"]["build"]
    assert (FOLDER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).exists()
    for service in services.values():
        assert {*service.get("networks", [])} <= COMPOSE["networks"].keys()
        assert {*service.get("depends_on", [])} <= services.keys()
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (FOLDER / source).is_file()
    assert "ports" not in services["plumbline"] | services["database"], "only the proxy is reached from outside"
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert services["database"]["networks"] == ["inside"]


def test_the_folder_of_the_image_is_the_one_that_is_kept() -> None:
    settings = dict(pair.split("=") for line in told("ENV") for pair in shlex.split(line))
    home = settings["PLUMBLINE_HOME"]
    assert any(f"plumbline {home}" in line for line in told("RUN"))
    assert f"files:{home}" in COMPOSE["services"]["plumbline"]["volumes"]


def test_every_setting_of_the_services_is_one_that_plumbline_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = "".join(path.read_text() for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py"))
    services = COMPOSE["services"]
    for name in services["plumbline"]["environment"]:
        assert f'"{name}"' in sources
    for name in re.findall(r"\{\$(\w+)\}", CADDYFILE):
        assert name in services["proxy"]["environment"]
    database = services["database"]["environment"]
    address = services["plumbline"]["environment"]["PLUMBLINE_DATABASE_URL"]
    monkeypatch.setenv("PLUMBLINE_DATABASE_URL", re.sub(r"\$\{\w+:\?[^}]*\}", "secret", address))
    url = make_url(database_address(FOLDER))
    found = (url.drivername, url.host, url.username, url.database, url.password)
    assert found == ("postgresql+psycopg", "database", database["POSTGRES_USER"], database["POSTGRES_DB"], "secret")
    assert services["database"]["healthcheck"]["test"][-1] == database["POSTGRES_USER"]
    # A variable is asked for or has a default: none is left empty in silence.
    written = re.findall(r"\$\{(\w+)(:[?-])?", (FOLDER / "compose.yaml").read_text())
    assert all(rule for _, rule in written)


def test_the_proxy_passes_on_to_the_port_and_lets_uploads_through() -> None:
    assert CADDYFILE.count("{") == CADDYFILE.count("}")
    depth, directives = 0, []
    for line in CADDYFILE.splitlines():
        words = re.sub(r"\{\$\w+\}", "x", line).split()
        if words and words != ["}"]:
            directives.append((depth, words[0]))
        depth += words.count("{") - words.count("}")
    # Those of Caddy's reference: the site, its directives, and their own settings.
    assert {name for at, name in directives if at == 1} == {"basic_auth", "request_body", "reverse_proxy"}
    assert {name for at, name in directives if at == 2} == {"x", "max_size", "stream_timeout", "stream_close_delay"}
    service, port = re.search(r"reverse_proxy (\w+):(\d+)", CADDYFILE).groups()
    assert service in COMPOSE["services"]
    assert [port] == told("EXPOSE")
    assert int(re.search(r"max_size (\d+)MB", CADDYFILE)[1]) > CONFIG["server"]["maxUploadSize"]
