"""Runs inside dlib's own virtual environment: times it on one picture, once for each line that comes in.

    python models/peers_dlib.py PICTURE.npy

The steps are those of `face_recognition.face_encodings` with its defaults. PICTURE.npy is H x W x 3 uint8, RGB. For
each line on stdin one on stdout: milliseconds. Imports nothing of Aangan: that is another environment.
"""

import sys
import time

import numpy as np


def main(path: str) -> None:
    """Serve until stdin ends."""
    import dlib  # pyright: ignore[reportMissingImports]
    import face_recognition_models as models  # pyright: ignore[reportMissingImports]

    picture = np.load(path)
    detector = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
    encoder = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    for _ in sys.stdin:
        start = time.perf_counter()
        faces = detector(picture, 1)
        encoder.compute_face_descriptor(picture, points(picture, faces[0]), 1)
        sys.stdout.write(f"{(time.perf_counter() - start) * 1000}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
