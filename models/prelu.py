"""One operator in place of five: the parametric rectifier that a converter of 2018 had to spell out.

MobileFaceNet was trained with PReLU, f(x) = max(x, 0) + a min(x, 0). Its converter knew no such operator and wrote

    RELU(x) + (a / 2) * (x - ABS(x))

33 times, so that most of the model's operators only carry numbers to memory and back. TFLite has had PRELU since: each
group of five becomes one, with a where a / 2 was. The answer is the same bit for bit, since halves and doubles are
exact in binary, and about a quarter of the time is saved.
"""

from __future__ import annotations

from typing import Any

from models.graph import Graph, PatchError

GROUP = 5


def fuse_prelu(model: bytes) -> bytes:
    """The same model with every spelt-out PReLU as one operator.

    Raises:
        PatchError: there is none, or ABS, whose entry in the table of operators is taken over, is used elsewhere.
    """
    graph = Graph(bytearray(model))
    kept: list[Any] = []
    slopes: set[int] = set()
    rest = graph.operators
    entry = graph.index_of(graph.builtin.ABS)
    while rest:
        if _spelt_out(graph, rest[:GROUP]):
            relu, _, _, times, plus = rest[:GROUP]
            slopes.add(times.Inputs(0))
            _fuse(graph, times, relu.Inputs(0), plus.Outputs(0), entry)
            kept.append(times)
            rest = rest[GROUP:]
        else:
            if graph.kind(rest[0]) == graph.builtin.ABS:
                raise PatchError("ABS is used outside a spelt-out PReLU")
            kept.append(rest[0])
            rest = rest[1:]
    for slope in slopes:
        graph.constant(slope)[:] *= 2
    graph.rename(entry, graph.builtin.PRELU)
    graph.keep(kept)
    return bytes(graph.model)


def _spelt_out(graph: Graph, group: list[Any]) -> bool:
    """Whether these five, in the converter's order, are RELU(x) + slope * (x - ABS(x))."""
    kind = graph.builtin
    if [graph.kind(each) for each in group] != [kind.RELU, kind.ABS, kind.SUB, kind.MUL, kind.ADD]:
        return False
    relu, absolute, minus, times, plus = group
    x = relu.Inputs(0)
    return (
        absolute.Inputs(0) == x
        and [minus.Inputs(0), minus.Inputs(1)] == [x, absolute.Outputs(0)]
        and times.Inputs(1) == minus.Outputs(0)
        and [plus.Inputs(0), plus.Inputs(1)] == [relu.Outputs(0), times.Outputs(0)]
    )


def _fuse(graph: Graph, times: Any, x: int, out: int, entry: int) -> None:
    """The multiplication, which already names the slope, becomes the whole: PRELU(x, slope) -> out."""
    slope = times.Inputs(0)
    times.InputsAsNumpy()[:] = [x, slope]
    times.OutputsAsNumpy()[:] = [out]
    graph.become(times, entry)
