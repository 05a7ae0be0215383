"""One image at a time for an embedder that was converted for two.

MobileFaceNet was converted with its batch of two fixed in one place: the constant shape of its only RESHAPE. Setting
that constant's first number to -1 ("whatever comes") lets the interpreter resize the input to one image, with the same
answer at half the time. The recorded shapes of the tensors stay as they are, since the interpreter works them out anew
when the input is resized.
"""

from __future__ import annotations

from models.graph import Graph, PatchError


def free_batch(model: bytes) -> bytes:
    """The same model with its batch size left to the input.

    Raises:
        PatchError: the model has not exactly one RESHAPE with a constant shape.
    """
    graph = Graph(bytearray(model))
    reshapes = [each for each in graph.operators if graph.kind(each) == graph.builtin.RESHAPE]
    if len(reshapes) != 1:
        raise PatchError(f"expected one RESHAPE, found {len(reshapes)}")
    graph.constant(reshapes[0].Inputs(1))[0] = -1
    return bytes(graph.model)
