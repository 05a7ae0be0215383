"""An apt of our own beside the machine's: the same mirror and keyring, other lists, nothing installed.

The machine's sources, lists and package state stay as they are. What is downloaded is checked by apt against Debian's
signature, and by `sources` against hashes of our own.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
APT_FOLDER = Path("/etc/apt")
_ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", re.MULTILINE)
_FIELD = re.compile(r"^(URIs|Suites):\s*(\S+)", re.MULTILINE)


class NoDebianMirror(RuntimeError):
    """The machine's apt has no Debian archive; the text says what to do."""


def mirror(folder: Path = APT_FOLDER) -> str:
    """Find the address of the Debian archive that this machine's apt uses (not the security one).

    Raises:
        NoDebianMirror: there is none.
    """
    for address, suite in _archives(folder):
        if "-security" not in suite and address.rstrip("/").endswith("/debian"):
            return address.rstrip("/")
    raise NoDebianMirror(f"no Debian archive in {folder}: build the firmware on Debian 12 or newer")


def _archives(folder: Path) -> Iterator[tuple[str, str]]:
    """Give (address, first suite) of every source in apt's folder, in both of its formats."""
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        if path.exists():
            yield from _ONE_LINE.findall(path.read_text())
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        for paragraph in path.read_text().split("\n\n"):
            fields = dict(_FIELD.findall(paragraph))
            if "URIs" in fields and "Suites" in fields:
                yield fields["URIs"], fields["Suites"]


class PrivateApt:
    """apt for one suite of Debian, with its state in `folder`."""

    def __init__(self, folder: Path, suite: str, types: str = "deb") -> None:
        self._sources = folder / "suite.sources"
        self._lists = folder / "lists"
        self._cache = folder / "cache"
        for path in (self._lists / "partial", self._cache / "archives" / "partial"):
            path.mkdir(parents=True, exist_ok=True)
        self._sources.write_text(
            f"Types: {types}\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\nSigned-By: {KEYRING}\n"
        )

    def update(self) -> None:
        """Fetch the suite's lists.

        Raises:
            subprocess.CalledProcessError: apt failed; its own words are on standard error.
        """
        self._run("update", cwd=self._lists)

    def download(self, packages: list[str], into: Path) -> None:
        """Download binary packages (`name` or `name=version`) without installing them; raises as `update`."""
        into.mkdir(parents=True, exist_ok=True)
        self._run("download", *packages, cwd=into)

    def source(self, package: str, into: Path) -> None:
        """Download a source package (`name=version`), not unpacked; raises as `update`."""
        into.mkdir(parents=True, exist_ok=True)
        self._run("source", "--download-only", package, cwd=into)

    def _run(self, *command: str, cwd: Path) -> None:
        options = {
            "Dir::Etc::sourcelist": self._sources.absolute(),
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": self._lists.absolute(),
            "Dir::State::status": "/dev/null",  # what is installed here does not matter, and is not touched
            "Dir::Cache": self._cache.absolute(),
            "APT::Sandbox::User": "",  # our folders belong to us, not to apt's own user
        }
        settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        subprocess.run(["apt-get", "-qq", *settings, *command], cwd=cwd, check=True)
