"""Ports: parsed, checked, and named with their holder when taken."""

import os
import socket
from collections.abc import Iterator

import pytest

from provisioning.ports import BadPorts, PortInUse, Ports, holder, is_free, is_open, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_ports_not_named_keep_their_usual_value() -> None:
    assert Ports.parse("kiosk=8081, server=8001") == Ports(kiosk=8081, server=8001)
    assert Ports.parse("") == Ports()


@pytest.mark.parametrize("text", ["kiosk", "kiosk=", "kiosk=x", "kiosk=0", "kiosk=70000", "other=1", "8080"])
def test_what_is_no_list_of_ports_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadPorts, match="broker=18884"):
        Ports.parse(text)


def test_free_ports_are_four_and_free() -> None:
    found = Ports.free()
    assert len(set(found.each().values())) == 4
    require_free(found)


def test_a_port_in_use_is_named_with_its_holder_and_the_remedy(taken: int) -> None:
    with pytest.raises(PortInUse) as refused:
        require_free(Ports(broker=Ports.free().broker, kiosk=taken, server=taken, panel=taken))
    text = str(refused.value)
    assert "\n" not in text
    assert f"port {taken}, meant for the server" in text
    assert f"(process {os.getpid()})" in text
    assert f"--ports server={taken + 1}" in text


def test_a_taken_port_is_open_and_not_free(taken: int) -> None:
    assert is_open(taken)
    assert not is_free(taken)


def test_a_free_port_has_no_holder_that_shows_itself() -> None:
    port = Ports.free().kiosk
    assert is_free(port)
    assert not is_open(port)
    assert "does not show itself" in holder(port)
