"""`python -m models`, as a user meets it."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from models import calibration
from models.cli import app

run = CliRunner().invoke


@pytest.fixture
def pairs_csv(tmp_path: Path, images_dir: Path) -> Path:
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "same"])
        writer.writerow(["Collins_0001.png", "Collins_0002.png", 1])
        writer.writerow(["Hopper_0001.png", "Hopper_0002.png", 1])
        writer.writerow(["Collins_0001.png", "Hopper_0001.png", 0])
        writer.writerow(["Wall_0001.png", "Hopper_0002.png", 0])
    return path


def test_embed_gives_unit_templates_sorted_by_name_and_nan_where_there_is_no_face(
    images_dir: Path, tmp_path: Path, models_dir: Path
):
    result = run(app, ["embed", str(images_dir), str(tmp_path / "out.npz")])
    assert result.exit_code == 0, result.output
    data = np.load(tmp_path / "out.npz")
    assert list(data["name"]) == sorted(data["name"])
    status = dict(zip(data["name"], data["status"], strict=True))
    assert status["Wall_0001.png"] == "no_face"
    assert status["broken.jpg"] == "unreadable"
    assert data["template"].dtype == np.float32
    assert data["template"].shape == (6, 192)
    usable = data["status"] == "ok"
    np.testing.assert_allclose(np.linalg.norm(data["template"][usable], axis=1), 1, atol=1e-5)
    assert np.isnan(data["template"][~usable]).all()


def test_embed_gives_the_same_numbers_every_time(images_dir: Path, tmp_path: Path, models_dir: Path):
    outs = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for out in outs:
        assert run(app, ["embed", str(images_dir), str(out)]).exit_code == 0
    one, two = (np.load(out) for out in outs)
    for array in ("name", "status"):
        np.testing.assert_array_equal(one[array], two[array])
    assert one["template"].tobytes() == two["template"].tobytes()


def test_evaluate_counts_every_different_person_combination(
    pairs_csv: Path, images_dir: Path, models_dir: Path
):
    result = run(app, ["evaluate", str(pairs_csv), str(images_dir), "--json"])
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    assert measured["images"] == 5
    assert measured["people"] == 3
    assert measured["missed_faces"] == 1
    assert measured["impostor_combinations"] == 4
    assert measured["genuine_pairs"] == 2
    assert measured["eer"] == 0
    assert [point["far"] for point in measured["operating_points"]] == [1e-2, 1e-3, 1e-4]
    assert set(measured["ms_per_stage"]) == {"detect", "landmarks", "align", "embed"}
    assert measured["cost"]["ms"] == pytest.approx(sum(measured["ms_per_stage"].values()))
    assert measured["enrolled"] is None


def test_evaluate_measures_templates_of_several_images_too(
    pairs_csv: Path, images_dir: Path, models_dir: Path
):
    result = run(app, ["evaluate", str(pairs_csv), str(images_dir), "--enrol", "1", "--json"])
    assert result.exit_code == 0, result.output
    enrolled = json.loads(result.stdout)["enrolled"]
    assert (enrolled["size"], enrolled["people"], enrolled["genuine"], enrolled["impostor"]) == (1, 2, 4, 8)
    assert enrolled["operating_points"][-1]["tar"] == 1


def test_a_calibration_needs_a_person_with_four_images(
    pairs_csv: Path, images_dir: Path, models_dir: Path, tmp_path: Path
):
    file = tmp_path / "calibration.toml"
    arguments = [
        "evaluate",
        str(pairs_csv),
        str(images_dir),
        "--calibrate",
        "x",
        "--calibration-file",
        str(file),
    ]
    result = run(app, arguments)
    assert result.exit_code == 1
    assert "four images" in result.stderr
    assert not file.exists()


def test_a_calibration_is_written_with_the_name_of_its_set(
    pairs_csv: Path, images_dir: Path, models_dir: Path, tmp_path: Path, astronaut: np.ndarray
):
    for number in (3, 4):
        rgb = cv2.convertScaleAbs(astronaut, alpha=1 - number / 10)
        cv2.imwrite(str(images_dir / f"Collins_000{number}.png"), rgb[..., ::-1])
    with pairs_csv.open("a") as file:
        file.write("Collins_0003.png,Collins_0004.png,1\n")
    written = tmp_path / "calibration.toml"
    arguments = ["evaluate", str(pairs_csv), str(images_dir), "--calibrate", "two-people"]
    result = run(app, [*arguments, "--calibration-file", str(written), "--json"])
    assert result.exit_code == 0, result.output
    kept = calibration.parse(written.read_bytes())["quick"]
    assert kept.version.startswith("quick-two-people-")
    assert (kept.images, kept.people) == (7, 3)


def test_evaluate_prints_a_table_that_says_how_accuracy_was_chosen(
    pairs_csv: Path, images_dir: Path, models_dir: Path
):
    result = run(app, ["evaluate", str(pairs_csv), str(images_dir)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    assert "10 folds" in result.stdout
    assert "TAR at FAR 1e-04" in result.stdout
    assert "do not say how Indian women fare" in " ".join(result.stdout.split())


def test_a_pair_without_its_image_is_named(pairs_csv: Path, images_dir: Path, models_dir: Path):
    (images_dir / "Hopper_0001.png").unlink()
    result = run(app, ["evaluate", str(pairs_csv), str(images_dir)])
    assert result.exit_code == 1
    assert "Hopper_0001.png" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["embed", "nowhere", "out.npz"], "nowhere is not a folder"),
        (["evaluate", "nowhere.csv", "."], "nowhere.csv cannot be read"),
        (["embed", ".", "out.npz", "--models-dir", "nowhere"], "python -m models fetch"),
    ],
)
def test_what_is_missing_is_one_line(
    arguments: list[str], says: str, models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    result = run(app, arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_verify_exits_1_when_a_file_is_missing(tmp_path: Path, models_dir: Path, faces_dir: Path):
    assert run(app, ["verify"]).exit_code == 0
    result = run(app, ["verify", "--models-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "python -m models fetch" in result.stderr


def test_bench_names_every_stage_and_says_how_much_memory_a_face_process_needs(
    models_dir: Path, faces_dir: Path
):
    result = run(app, ["bench", "--repeats", "2", "--alone", "--json"])
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    for stage in ("detect", "landmarks and align", "embed", "eyelids", "whole"):
        assert measured["stages"][stage] > 0
    assert 30 < measured["peak_mb"] < 150
    assert measured["comparison"] is None


def test_bench_compares_with_yunet_and_sface_in_the_same_run(
    models_dir: Path, faces_dir: Path, peers_dir: Path
):
    result = run(app, ["bench", "--repeats", "1"], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    assert "OpenCV YuNet + SFace" in result.stdout
    assert "peak memory" in result.stdout


def test_a_profile_that_does_not_exist_is_named():
    result = run(app, ["evaluate", "a", "b", "--profile", "fast"])
    assert result.exit_code == 2
    assert "fast" in result.stderr


@pytest.mark.parametrize("command", ["fetch", "verify", "evaluate", "embed", "bench"])
def test_every_command_explains_itself(command: str):
    result = run(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout
