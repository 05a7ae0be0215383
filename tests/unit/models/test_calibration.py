"""Thresholds: where they are kept, what they mean, and that they belong to the models in use."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import banding, calibration
from models.calibration import Band, Calibration, parse, rounded, toml, versioned
from models.face.recognise import PROFILES, model_name
from models.metrics import FARS, Operating

numbers = st.floats(-1, 1).map(lambda number: round(number, 4))
points = st.lists(st.builds(Operating, st.sampled_from(FARS), numbers, numbers), max_size=3).map(tuple)
bands = st.none() | st.builds(Band, numbers, numbers, numbers, numbers)
words = st.text("abcdefghij-0123456789", min_size=1, max_size=20)
calibrations = st.builds(
    Calibration, words, words, st.integers(0, 10**6), st.integers(0, 10**6), points, points, bands
)
impostors = arrays(np.float64, st.integers(50, 400), elements=st.floats(-1, 1))


@given(st.dictionaries(st.sampled_from(list(PROFILES)), calibrations))
def test_what_is_written_is_what_is_read(kept: dict[str, Calibration]):
    assert parse(toml(kept).encode()) == kept


def test_every_profile_is_calibrated_for_the_models_in_use():
    for profile in PROFILES:
        kept = calibration.read()[profile]
        assert kept.model == model_name(profile)
        assert (kept.band is not None) == (profile == "cascade")
        assert [point.far for point in kept.one] == list(FARS)
        assert kept.version == versioned("lfw-fold1", profile, kept).version


def test_lower_rates_of_false_acceptance_have_higher_thresholds():
    for kept in calibration.read().values():
        for enrolled in (1, 3):
            thresholds = [kept.threshold(far, enrolled) for far in FARS]
            assert thresholds == sorted(thresholds)
        assert kept.threshold() == kept.threshold(1e-4, 3)


def test_a_rate_that_was_not_measured_has_no_threshold():
    with pytest.raises(ValueError, match="no threshold at FAR 1e-06"):
        calibration.read()["quick"].threshold(1e-6)


@given(calibrations)
def test_the_version_changes_with_any_number_and_with_nothing_else(kept: Calibration):
    named = versioned("set", "quick", kept)
    assert versioned("set", "quick", named) == named
    other = msgspec.structs.replace(kept, images=kept.images + 1)
    assert versioned("set", "quick", other).version != named.version


def test_rounding_never_lets_more_strangers_in():
    assert rounded([Operating(1e-3, 0.45961, 0.98)])[0].threshold == 0.4597


def test_writing_one_profile_leaves_the_others(tmp_path: Path):
    quick, cascade = calibration.read()["quick"], calibration.read()["cascade"]
    file = tmp_path / "calibration.toml"
    calibration.write(file, "quick", quick)
    calibration.write(file, "cascade", cascade)
    calibration.write(file, "quick", msgspec.structs.replace(quick, images=1))
    assert parse(file.read_bytes())["cascade"] == cascade
    assert parse(file.read_bytes())["quick"].images == 1


@given(impostors, st.integers(0, 2**32 - 1))
def test_outside_its_band_a_cascade_leaves_the_quick_score(quick: np.ndarray, seed: int):
    accurate = np.random.default_rng(seed).uniform(-1, 1, quick.size)
    band = Band(-0.2, 0.4, 0.3, 0.1)
    final = band.final(quick, accurate)
    outside = (quick < band.low) | (quick >= band.high)
    np.testing.assert_array_equal(final[outside], quick[outside])
    accepted = final >= band.quick
    np.testing.assert_array_equal(
        accepted[~outside], (band.quick + (accurate - band.accurate) >= band.quick)[~outside]
    )


def test_a_fitted_band_lets_no_more_strangers_in_than_its_rate():
    generator = np.random.default_rng(4)
    quick = generator.normal(0.05, 0.12, 400_000)
    accurate = 0.6 * quick + generator.normal(0.02, 0.1, quick.size)
    band = banding.fit(quick, accurate)
    assert band.low < band.quick < band.high
    accepted = np.mean(band.final(quick, accurate) >= band.quick)
    assert accepted <= 1.1e-4
    assert np.mean(band.doubts(quick)) == pytest.approx(1e-2, rel=0.05)


def test_two_scores_are_too_few_to_find_a_band():
    with pytest.raises(ValueError, match="too few"):
        banding.fit(np.array([0.1]), np.array([0.1]))
