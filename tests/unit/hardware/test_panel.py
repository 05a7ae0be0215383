"""The panel writes what the simulated parts read, and nothing they could not."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from edge.devices.camera_scene import SceneFile
from hardware.__main__ import app
from hardware.panel import create_panel
from hardware.scale_simulator import FAULTS
from hardware.synthetic_face.attacks import SUBJECTS
from provisioning import demo_facts as facts


@pytest.fixture
def panel(tmp_path: Path) -> TestClient:
    made = create_panel(tmp_path / "scale.json", tmp_path / "scene.json")
    return TestClient(made, base_url="http://127.0.0.1")


def test_files_that_are_not_there_are_an_empty_room(panel: TestClient) -> None:
    assert panel.get("/scale").json() == {"load_kg": 0.0, "motion_kg": 0.0, "fault": None}
    assert panel.get("/camera").json() == {
        "face": None,
        "light": "day",
        "fault": None,
        "shown_as": "live",
        "obeys": True,
        "card": None,
        "group": 0,
    }


def test_load_put_on_the_page_is_in_the_scales_file(panel: TestClient, tmp_path: Path) -> None:
    assert panel.put("/scale", json={"load_kg": 9.12, "motion_kg": 0.4}).status_code == 200
    assert json.loads((tmp_path / "scale.json").read_text()) == {
        "load_kg": 9.12,
        "motion_kg": 0.4,
        "fault": None,
    }
    assert panel.get("/scale").json()["load_kg"] == 9.12


def test_person_put_on_the_page_is_in_the_scene_file(panel: TestClient, tmp_path: Path) -> None:
    body = {"face": "astronaut", "light": "dark", "shown_as": "screen"}
    assert panel.put("/camera", json=body).status_code == 200
    assert json.loads((tmp_path / "scene.json").read_text()) == {
        "face": "astronaut",
        "light": "dark",
        "fault": None,
        "shown_as": "screen",
        "obeys": True,
        "card": None,
        "group": 0,
    }


@pytest.mark.parametrize("body", [{"card": facts.CARD_NUMBER}, {"group": 12}])
def test_what_the_panel_holds_up_is_a_scene_of_the_camera(
    panel: TestClient, tmp_path: Path, body: dict
) -> None:
    assert panel.put("/camera", json=body).status_code == 200
    scene = SceneFile(tmp_path / "scene.json").now()
    assert {name: getattr(scene, name) for name in body} == body


def test_the_panels_card_is_the_demos(panel: TestClient) -> None:
    assert facts.CARD_NUMBER in panel.get("/").text
    assert facts.CARD_HOLDER in panel.get("/").text


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("scale", {"load_kg": -1}),
        ("scale", {"load_kg": 1000}),
        ("scale", {"fault": "on fire"}),
        ("scale", {"weight": 9}),
        ("camera", {"face": "somebody"}),
        ("camera", {"light": "noon"}),
        ("camera", {"shown_as": "mask"}),
    ],
)
def test_what_the_parts_would_not_understand_is_refused(
    panel: TestClient, tmp_path: Path, part: str, body: dict[str, object]
) -> None:
    assert panel.put(f"/{part}", json=body).status_code == 422
    assert not list(tmp_path.iterdir())


def test_page_says_it_is_simulated_and_offers_every_fault(panel: TestClient) -> None:
    page = panel.get("/").text
    assert "Simulated. Nothing here is a real child" in page
    for fault in FAULTS:
        assert f"""data-value='"{fault}"'""" in page


@pytest.mark.parametrize("shown_as", SUBJECTS)
def test_everything_that_may_be_held_up_to_the_camera_has_its_button(
    panel: TestClient, shown_as: str
) -> None:
    assert f"""data-value='"{shown_as}"'""" in panel.get("/").text


def test_a_foreign_host_name_is_refused(panel: TestClient) -> None:
    assert panel.get("/scale", headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.parametrize(
    ("command", "words"),
    [([], "Simulated parts"), (["scale"], "real firmware"), (["panel"], "what stands before the kiosk")],
)
def test_help_names_what_the_program_does(command: list[str], words: str) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert words in " ".join(shown.output.split())


def test_a_rate_no_hx711_has_is_refused(tmp_path: Path) -> None:
    options = ["--link", str(tmp_path / "a"), "--control", str(tmp_path / "b"), "--rate", "20"]
    refused = CliRunner().invoke(app, ["scale", *options])
    assert refused.exit_code == 2
