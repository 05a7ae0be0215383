"""The TFLite interpreter, whichever package brings it: `tflite-runtime` up to Python 3.11, `ai-edge-litert` after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

try:
    from tflite_runtime.interpreter import Interpreter  # pyright: ignore[reportMissingImports]
except ImportError:
    from ai_edge_litert.interpreter import Interpreter  # pyright: ignore[reportMissingImports]


class Network:
    """One model with one input, ready to run. Not safe for two threads at once."""

    def __init__(self, content: bytes, input_shape: Sequence[int], threads: int = 1) -> None:
        """`input_shape` replaces the one recorded in the model where they differ."""
        interpreter: Any = Interpreter(model_content=content, num_threads=threads)
        (entry,) = interpreter.get_input_details()
        if list(entry["shape"]) != list(input_shape):
            interpreter.resize_tensor_input(entry["index"], list(input_shape))
        interpreter.allocate_tensors()
        self._interpreter = interpreter
        self._input = int(entry["index"])
        self._outputs = [int(detail["index"]) for detail in interpreter.get_output_details()]

    def run(self, tensor: np.ndarray) -> list[np.ndarray]:
        """The output tensors (copies), in the model's order."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]
