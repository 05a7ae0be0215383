"""One image at a time for an embedder that was converted for two.

MobileFaceNet was converted with its batch of two fixed in one place: the constant shape of its only RESHAPE. Setting
that constant's first number to -1 ("whatever comes") lets the interpreter resize the input to one image, with the same
answer at half the time. The constant is found by the TFLite schema, so that nothing depends on where it lies; the
recorded shapes of the tensors stay as they are, since the interpreter works them out anew when the input is resized.

The `tflite` package (the schema's readers) is needed only here, when models are fetched.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class PatchError(Exception):
    """The model is not shaped as expected: it has not exactly one RESHAPE with a constant shape."""


def free_batch(model: bytes) -> bytes:
    """The same model with its batch size left to the input.

    Raises:
        PatchError: the model is not the one this was written for, or the `tflite` package is not installed.
    """
    patched = bytearray(model)
    shape = _reshape_constant(patched)
    shape[0] = -1
    return bytes(patched)


def _reshape_constant(model: bytearray) -> np.ndarray:
    """The int32 shape given to the model's only RESHAPE, as a writable view into `model`."""
    try:
        import tflite
    except ImportError as error:
        raise PatchError("the tflite package is missing: pip install 'aangan[provisioning]'") from error
    root: Any = tflite.Model.GetRootAs(model, 0)
    graph = root.Subgraphs(0)
    reshapes = [
        operator
        for operator in map(graph.Operators, range(graph.OperatorsLength()))
        if _builtin(root.OperatorCodes(operator.OpcodeIndex())) == tflite.BuiltinOperator.RESHAPE
    ]
    if len(reshapes) != 1:
        raise PatchError(f"expected one RESHAPE, found {len(reshapes)}")
    constant = graph.Tensors(reshapes[0].Inputs(1))
    data = root.Buffers(constant.Buffer()).DataAsNumpy()
    if constant.Type() != tflite.TensorType.INT32 or not isinstance(data, np.ndarray):
        raise PatchError("the RESHAPE does not take a constant shape")
    return data.view(np.int32)


def _builtin(code: Any) -> int:
    """The operator's number: models older than schema 3a keep it in the deprecated field, newer ones in both."""
    return max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
