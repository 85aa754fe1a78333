"""The wheel holds what it must and nothing more, and runs where nothing else of this project is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.timeout(600)  # it downloads what a fresh install downloads


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that no build folder is left in the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for package in ("estconsole", "screens", "server", "demo_data", "tests"):
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                copied = source / file.relative_to(ROOT)
                copied.parent.mkdir(parents=True, exist_ok=True)
                copied.write_bytes(file.read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_lists_its_packages_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert packages == {"estconsole", "screens", "server", "demo_data"}
    assert "estconsole/console.tcss" in names
    assert "estconsole/py.typed" in names
    shipped = {name for name in names if name.endswith(".py")}
    written = {
        str(file.relative_to(ROOT))
        for package in ("estconsole", "screens", "server", "demo_data")
        for file in (ROOT / package).rglob("*.py")
    }
    assert shipped == written


def test_the_wheel_installs_into_an_empty_environment_and_opens_the_demo_lab(wheel: Path, tmp_path: Path) -> None:
    environment, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True, cwd=empty)
    ports = ("--tls-port", "0", "--mtls-port", "0", "--http-port", "0")
    command = [str(environment / "bin" / "estconsole"), "serve", "--demo", *ports]
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.Popen(
        command,
        cwd=empty,
        stdout=subprocess.PIPE,
        text=True,
        env=clean | {"ESTCONSOLE_DATA_DIR": str(tmp_path / "lab")},
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["activity"] == "listening"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()
    finally:
        process.kill()
    console = "import estconsole.console, screens, server, demo_data; print(estconsole.__file__)"
    where = subprocess.run(
        [str(python), "-c", console], cwd=empty, capture_output=True, text=True, check=True, env=clean
    )
    assert str(environment) in where.stdout
    assert list(empty.iterdir()) == []
