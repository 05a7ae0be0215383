"""A TFLite file read by its schema, so that a patch finds what it changes and depends on no byte offset.

    model = bytearray(content)
    graph = Graph(model)              # reads and writes the bytes of `model`
    graph.kind(graph.operators[0])    # BuiltinOperator.CONV_2D

The `tflite` package (the schema's readers) is needed only where models are fetched, never on a kiosk.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

OPERATORS = 10
"""Slots of the tables' fields in the schema: a subgraph's operators, an operator's and an operator code's fields."""
OPCODE_INDEX = 4
DEPRECATED_CODE, CODE = 4, 10


class PatchError(Exception):
    """The model is not shaped as the patch expects, or the `tflite` package is not installed."""


class Graph:
    """The one subgraph of a model, over bytes that may be changed in place.

    Raises:
        PatchError: the `tflite` package is not installed.
    """

    def __init__(self, model: bytearray) -> None:
        try:
            import tflite
        except ImportError as error:
            raise PatchError("the tflite package is missing: pip install 'aangan[provisioning]'") from error
        self.model = model
        self.builtin: Any = tflite.BuiltinOperator
        self._float: int = tflite.TensorType.FLOAT32
        self._int: int = tflite.TensorType.INT32
        self._root: Any = tflite.Model.GetRootAs(model, 0)
        self._graph: Any = self._root.Subgraphs(0)
        count = self._graph.OperatorsLength()
        self.operators: list[Any] = [self._graph.Operators(index) for index in range(count)]
        self._codes = [self._root.OperatorCodes(index) for index in range(self._root.OperatorCodesLength())]

    def kind(self, operator: Any) -> int:
        """The operator's number: models older than schema 3a keep it in the deprecated field, newer ones in both."""
        return _number(self._codes[operator.OpcodeIndex()])

    def constant(self, tensor: int) -> np.ndarray:
        """A constant float32 or int32 tensor's numbers, as a writable view.

        Raises:
            PatchError: the tensor is no such constant.
        """
        entry = self._graph.Tensors(tensor)
        types = {self._float: np.dtype("<f4"), self._int: np.dtype("<i4")}
        data = self._root.Buffers(entry.Buffer()).DataAsNumpy()
        if entry.Type() not in types or not isinstance(data, np.ndarray):
            raise PatchError(f"tensor {tensor} is no constant of float32 or int32")
        return data.view(types[entry.Type()])

    def index_of(self, kind: int) -> int:
        """Where the operator code stands in the model's table of them.

        Raises:
            PatchError: it is not used in this model.
        """
        for index, code in enumerate(self._codes):
            if _number(code) == kind:
                return index
        raise PatchError(f"the model has no operator of kind {kind}")

    def rename(self, index: int, kind: int) -> None:
        """Every operator that uses this entry of the table of codes becomes one of another kind."""
        code = self._codes[index]
        self._write(code, DEPRECATED_CODE, "<b", kind)
        if code._tab.Offset(CODE):
            self._write(code, CODE, "<i", kind)

    def become(self, operator: Any, index: int) -> None:
        """The operator uses another entry of the table of codes from now on."""
        self._write(operator, OPCODE_INDEX, "<I", index)

    def keep(self, operators: list[Any]) -> None:
        """Only these operators remain, in this order; the others' bytes stay unused in the file."""
        slot = self._graph._tab.Vector(self._graph._tab.Offset(OPERATORS))
        struct.pack_into("<I", self.model, slot - 4, len(operators))
        for operator in operators:
            struct.pack_into("<I", self.model, slot, operator._tab.Pos - slot)
            slot += 4

    def _write(self, table: Any, field: int, form: str, value: int) -> None:
        offset = table._tab.Offset(field)
        if not offset:
            raise PatchError("a field to be changed is not written in this model")
        struct.pack_into(form, self.model, table._tab.Pos + offset, value)


def _number(code: Any) -> int:
    return max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
