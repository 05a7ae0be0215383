"""Runs inside the converter's own virtual environment: one ONNX model to TFLite, and what ONNX says to some inputs.

    var/convert/venv/bin/python models/convert_worker.py MODEL.onnx INPUTS.npy FOLDER

INPUTS.npy holds n x 112 x 112 x 3 float32. FOLDER gets `model.tflite` and `answers.npy`, the ONNX model's n answers.
The ONNX file is copied first, since onnx2tf rewrites what it converts. Imports nothing of Aangan: that is another
environment.
"""

import os
import shutil
import sys
from pathlib import Path

CALIBRATION = "calibration_image_sample_data_20x128x128x3_float32.npy"
"""onnx2tf looks for this array, and on the network if it is not here; float models do not use what is in it."""


def main(onnx: Path, inputs: Path, folder: Path) -> None:
    """Convert and answer."""
    os.environ.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1")
    os.chdir(folder)
    copy = Path(shutil.copy(onnx, folder / "model.onnx"))
    _answer(copy, inputs, folder / "answers.npy")
    _convert(copy, folder / "model.tflite")


def _answer(onnx: Path, inputs: Path, out: Path) -> None:
    import numpy as np
    import onnxruntime  # pyright: ignore[reportMissingImports]

    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    answers = [session.run(None, {name: each.transpose(2, 0, 1)[None]})[0][0] for each in np.load(inputs)]
    np.save(out, np.stack(answers).astype(np.float32))


def _convert(onnx: Path, out: Path) -> None:
    import numpy as np

    np.save(CALIBRATION, np.zeros((20, 128, 128, 3), np.float32))
    import onnx2tf  # pyright: ignore[reportMissingImports]
    import tensorflow  # pyright: ignore[reportMissingImports]

    model = onnx2tf.convert(
        input_onnx_file_path=str(onnx),
        output_folder_path="saved",
        not_use_onnxsim=True,
        non_verbose=True,
        disable_model_save=True,
    )
    out.write_bytes(tensorflow.lite.TFLiteConverter.from_keras_model(model).convert())


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
