"""A worker at the played scale: readings one after the other, in the order in which a person does it."""

from tests.unit.edge.kiosk.conftest import Stage, Visitor


def weigh(stage: Stage, worker: Visitor, *loads: int, person: str = "baby") -> dict:
    """Take a reading of each load, the scale empty before each; the last answer."""
    answer: dict = {}
    for load in loads:
        stage.scale.grams = 0
        worker.get("/weigh/live")
        stage.scale.grams = load
        answer = worker.post(f"/weigh/{person}/reading")
    return answer


def weigh_in_arms(stage: Stage, worker: Visitor, *pairs: tuple[int, int], person: str = "baby") -> dict:
    """Take pairs of readings, an adult alone and with the child; the last answer."""
    worker.post(f"/weigh/{person}/way", way="in_arms")
    answer: dict = {}
    for alone, together in pairs:
        weigh(stage, worker, alone, person=person)
        stage.scale.grams = together
        answer = worker.post(f"/weigh/{person}/reading")
    return answer


def only_the_weight(worker: Visitor, person: str = "baby") -> None:
    """Go on from the page of the other measures without any."""
    worker.post(f"/weigh/{person}/measures")
