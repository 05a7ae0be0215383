"""Templates of several pictures, on made-up templates whose answer is known."""

import numpy as np

from models import enrolled
from models.evaluation import Measured
from models.folder import Templates
from models.identities import Pair


def _people(pictures: list[int], noise: float = 0.3, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures of each of some people: one direction a person, and some noise."""
    generator = np.random.default_rng(seed)
    person = np.repeat(np.arange(len(pictures)), pictures)
    faces = np.eye(16)[person] + generator.normal(0, noise / 4, (person.size, 16))
    return (faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32), person


def test_every_run_of_pictures_is_compared_with_the_persons_others_and_with_everybody_else():
    rows, person = _people([4, 5, 3, 1])
    compared = enrolled.compare(rows, person, (16,), None, 3)
    assert compared.people == 2
    assert compared.genuine.size == 4 * 1 + 5 * 2
    assert compared.impostor.size == 4 * (13 - 4) + 5 * (13 - 5)
    assert compared.genuine.min() > compared.impostor.max()


def test_a_person_with_very_many_pictures_counts_no_more_than_twenty_runs():
    rows, person = _people([100, 4])
    compared = enrolled.compare(rows, person, (16,), None, 3)
    assert compared.genuine.size == 20 * 97 + 4 * 1


def test_a_picture_without_a_face_is_never_enrolled_and_counts_as_refused():
    rows, person = _people([5, 2])
    rows[2] = np.nan
    compared = enrolled.compare(rows, person, (16,), None, 3)
    assert compared.genuine.size == 4 * 2
    assert (compared.genuine == -1).sum() == 4
    assert not np.isnan(compared.impostor).any()


def test_nobody_with_pictures_enough_gives_no_measure():
    rows, person = _people([3, 2])
    assert enrolled.measure(enrolled.compare(rows, person, (16,), None, 3), 3) is None


def test_three_pictures_enrolled_accept_more_of_the_right_people_than_one():
    rows, person = _people([6] * 12, noise=1.1)
    several, single = (enrolled.measure(enrolled.compare(rows, person, (16,), None, n), n) for n in (3, 1))
    assert several is not None
    assert single is not None
    assert several.operating_points[-1].tar > single.operating_points[-1].tar


def _measured(quick_noise: float, accurate_noise: float) -> Measured:
    """A cascade on eight people with eight pictures each, whose embedders see them with so much noise."""
    quick, person = _people([8] * 8, quick_noise)
    accurate, _ = _people([8] * 8, accurate_noise, seed=2)
    names = [f"P{who}_{number:04d}.png" for number, who in enumerate(person)]
    pairs = [Pair(names[i], names[i + 1], person[i] == person[i + 1]) for i in range(len(names) - 1)]
    ms = {stage: [1.0] for stage in ("detect", "landmarks", "align")} | {
        "embed": [7.0],
        "embed_accurate": [20.0],
    }
    both = np.concatenate([quick, accurate], axis=1)
    return Measured("cascade", "both", (16, 16), pairs, Templates(names, ["ok"] * len(names), both, ms))


def test_a_cascade_is_at_least_as_good_as_its_quick_embedder_and_costs_what_it_asks():
    measured = _measured(1.6, 0.4)
    band = measured.fitted_band()
    assert band is not None
    cascade, quick = measured.evaluate(band), measured.evaluate(None)
    assert cascade.operating_points[-1].tar > quick.operating_points[-1].tar
    assert cascade.cost.quick_ms == 10
    assert 0 < cascade.cost.asked < 1
    assert cascade.cost.ms == 10 + 20 * cascade.cost.asked
    assert quick.cost.ms == 10
