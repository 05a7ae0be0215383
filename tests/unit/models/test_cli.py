"""`python -m models`, as a user meets it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

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


def test_evaluate_prints_a_table_that_says_how_accuracy_was_chosen(
    pairs_csv: Path, images_dir: Path, models_dir: Path
):
    result = run(app, ["evaluate", str(pairs_csv), str(images_dir)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    assert "10 folds" in result.stdout
    assert "TAR at FAR 1e-04" in result.stdout


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


def test_bench_names_every_stage(models_dir: Path, faces_dir: Path):
    result = run(app, ["bench", "--repeats", "2", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["embed"] > 0


@pytest.mark.parametrize("command", ["fetch", "verify", "evaluate", "embed", "bench"])
def test_every_command_explains_itself(command: str):
    result = run(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout
