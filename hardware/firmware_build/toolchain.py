"""The ARM compiler, unpacked from this machine's own suite of Debian into a folder: nothing is installed.

Its packages would take 2.4 GB; of the libraries only those for the RP2040's Cortex-M0+ (Thumb, ARMv6-M, no floating
point) are unpacked.
"""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from hardware.firmware_build.private_apt import NoDebianMirror, PrivateApt

PACKAGES = [
    "binutils-arm-none-eabi",
    "gcc-arm-none-eabi",
    "libnewlib-dev",
    "libnewlib-arm-none-eabi",
    "libstdc++-arm-none-eabi-dev",
    "libstdc++-arm-none-eabi-newlib",
]
OTHER_PROCESSORS = ["*/arm/*", "*/thumb/nofp*", "*/thumb/v7*", "*/thumb/v8*"]
STAMP = "unpacked"


def toolchain(folder: Path) -> Path:
    """Have the compiler under `folder`, and give the folder of its programs.

    Raises:
        NoDebianMirror: this is no Debian.
        subprocess.CalledProcessError: apt or the unpacking failed.
    """
    programs = folder / "root" / "usr" / "bin"
    if not (folder / STAMP).exists():
        shutil.rmtree(folder, ignore_errors=True)
        _unpack(folder)
        (folder / STAMP).touch()
    return programs


def compiler_version(programs: Path) -> str:
    """Give the first line of the compiler's `--version`."""
    said = subprocess.run(
        [programs / "arm-none-eabi-gcc", "--version"], check=True, capture_output=True, text=True
    )
    return said.stdout.splitlines()[0]


def _unpack(folder: Path) -> None:
    root, packages = folder / "root", folder / "packages"
    apt = PrivateApt(folder / "apt", _suite_of_this_machine())
    apt.update()
    apt.download(PACKAGES, packages)
    root.mkdir()
    for package in sorted(packages.glob("*.deb")):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
            leaving_out = [f"--exclude={pattern}" for pattern in OTHER_PROCESSORS]
            subprocess.run(["tar", "-x", "-C", root, *leaving_out], check=True, stdin=archive.stdout)
    shutil.rmtree(packages)
    # Debian tells its compiler of the C library by absolute paths; from another root it looks beside itself.
    target = root / "usr" / "lib" / "arm-none-eabi"
    (target / "lib").symlink_to("newlib")
    (target / "include").symlink_to(os.path.relpath(root / "usr/include/newlib", target))


def _suite_of_this_machine() -> str:
    release = platform.freedesktop_os_release()
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        raise NoDebianMirror("the firmware is built on Debian 12 or newer, and this is no Debian")
    return release["VERSION_CODENAME"]
