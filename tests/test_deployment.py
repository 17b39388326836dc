"""Dockerfile, compose file and Caddyfile agree with the project and each other; the image's commands run here."""

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


def arguments_of(name: str) -> list[str]:
    """The arguments of each instruction of this name in the Dockerfile."""
    return [rest for instruction, rest in INSTRUCTIONS if instruction == name]


def copied() -> dict[str, str]:
    """The paths of the repository that the image copies, with their targets."""
    places = {}
    for line in arguments_of("COPY"):
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
    locks = re.findall(r"-r (\S+)", " ".join(arguments_of("RUN")))
    assert locks == [Path(source).name for source in copied() if source.endswith(".txt")]
    assert " ".join(arguments_of("RUN")).count("--require-hashes") == len(locks)
    python = re.match(r"python:3\.(\d+)-slim$", arguments_of("FROM")[0])
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
    (port,), (command,), (check,) = arguments_of("EXPOSE"), arguments_of("CMD"), arguments_of("HEALTHCHECK")
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
    answer = subprocess.run([sys.executable, "-m", "core", "--version"], cwd=image, capture_output=True, text=True)
    assert answer.stdout.split() == ["Plumbline", PROJECT["project"]["version"]]


def test_the_services_name_files_and_networks_that_exist() -> None:
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


def test_a_volume_keeps_the_home_of_the_image() -> None:
    settings = dict(pair.split("=") for line in arguments_of("ENV") for pair in shlex.split(line))
    home = settings["PLUMBLINE_HOME"]
    assert any(f"plumbline {home}" in line for line in arguments_of("RUN"))
    assert f"files:{home}" in COMPOSE["services"]["plumbline"]["volumes"]


def test_plumbline_reads_every_setting_of_the_services(monkeypatch: pytest.MonkeyPatch) -> None:
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
    # Every variable is required or has a default.
    written = re.findall(r"\$\{(\w+)(:[?-])?", (FOLDER / "compose.yaml").read_text())
    assert all(rule for _, rule in written)


def test_the_proxy_forwards_to_the_port_and_accepts_uploads() -> None:
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
    assert [port] == arguments_of("EXPOSE")
    assert int(re.search(r"max_size (\d+)MB", CADDYFILE)[1]) > CONFIG["server"]["maxUploadSize"]
