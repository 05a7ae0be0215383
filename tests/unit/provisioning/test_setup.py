"""`provisioning/setup.sh` with stand-ins for every tool it may call: what is there is not installed again."""

import shutil
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[3]
ORDINARY = (
    *("bash", "cat", "cut", "dirname", "env", "find", "grep", "mkdir", "rm"),
    *("sed", "sha256sum", "sleep", "sort", "tail", "tr"),
)
BUILT = (
    "server/web/static/built/phone/app.js",
    "edge/kiosk/static/built/htmx.min.js",
    "node_modules/.keep",
    "var/models/a.tflite",
    "var/faces/a.png",
)


class Machine:
    """A tree with setup.sh and a folder of stand-ins that note each call; `PATH` holds nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls_file = root / "calls"
        self.bin = root / "bin"
        for name in ("provisioning", "requirements", "models", "server/phone", "bin", ".venv/bin"):
            (root / name).mkdir(parents=True)
        for name in (
            "provisioning/setup.sh",
            "requirements/dev.txt",
            "models/manifest.toml",
            "package.json",
            "package-lock.json",
        ):
            shutil.copy(HOUSE / name, root / name)
        for tool in ORDINARY:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)
        for tool in (
            "mosquitto",
            "mosquitto_sub",
            "swtpm",
            "tpm2_unseal",
            "espeak-ng",
            "node",
            "npm",
            "apt-get",
            "sudo",
        ):
            self.put(tool)
        self.put("python", self.root / ".venv/bin")

    def put(self, tool: str, where: Path | None = None, code: int = 0) -> None:
        script = (where or self.bin) / tool
        script.write_text(f'#!/bin/sh\necho "{tool} $*" >> {self.calls_file}\nexit {code}\n')
        script.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        self.calls_file.unlink(missing_ok=True)
        return subprocess.run(
            [str(self.bin / "bash"), "provisioning/setup.sh", "run"],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def build(self) -> None:
        for name in BUILT:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).touch()

    def called(self, words: str) -> bool:
        return self.calls_file.exists() and words in self.calls_file.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_is_there_is_not_installed_with_apt(machine: Machine) -> None:
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert not machine.called("apt-get")
    assert machine.called("pip install --disable-pip-version-check --require-hashes")


def test_a_second_set_up_does_nothing(machine: Machine) -> None:
    machine.set_up()
    machine.build()
    again = machine.set_up()
    assert again.returncode == 0
    assert again.stderr == ""
    assert not machine.called("install")
    assert not machine.called("npm")


def test_a_changed_lock_file_installs_the_python_packages_again(machine: Machine) -> None:
    machine.set_up()
    machine.build()
    with (machine.root / "requirements/dev.txt").open("a") as lock:
        lock.write("# changed\n")
    machine.set_up()
    assert machine.called("pip install")
    assert not machine.called("npm")


def test_only_what_is_missing_is_asked_of_apt(machine: Machine) -> None:
    machine.put("node", code=1)
    refused = machine.set_up()
    assert machine.called("install -q -y --no-install-recommends nodejs npm\n")
    assert refused.returncode == 1
    assert "still missing or too old: nodejs npm" in refused.stderr


def test_a_failed_step_names_itself_and_the_remedy(machine: Machine) -> None:
    machine.put("npm", code=1)
    failed = machine.set_up()
    assert failed.returncode == 1
    first, remedy = failed.stderr.splitlines()[-2:]
    assert first.startswith("failed: page assets")
    assert "check the network" in remedy


def test_a_step_that_failed_is_done_again(machine: Machine) -> None:
    machine.put("npm", code=1)
    machine.set_up()
    machine.put("npm")
    assert machine.set_up().returncode == 0
    assert machine.called("npm ci")
