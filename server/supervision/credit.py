"""What an answer is worth: the little rule that a form author writes beside an item (`bind::aangan:credit`).

    yes=1 no=0                       a choice: its options and their credit; an option left out does not apply
    0..50=1 51..2000=0               a whole number: ranges (or single numbers) and their credit

Credit runs from 0 (not met) to 1 (met). An item without a rule is information and is never scored.
"""

import re

import msgspec

_TERM = re.compile(r"^(?P<key>[^\s=]+)=(?P<credit>0|1|0?\.\d+|0\.\d+)$")
_RANGE = re.compile(r"^(?P<low>\d+)\.\.(?P<high>\d+)$")
_WHOLE = re.compile(r"^[0-9]{1,9}$")


class CreditRuleError(ValueError):
    """A credit rule in the form cannot be read; the text names the item and the part at fault."""


class CreditRule(msgspec.Struct, frozen=True):
    """Credit by option name, and by inclusive range of whole numbers."""

    options: dict[str, float]
    ranges: tuple[tuple[int, int, float], ...]

    def credit(self, answer: str) -> float | None:
        """Credit of one answer, or None where the rule says nothing about it (it does not apply)."""
        if answer in self.options:
            return self.options[answer]
        if _WHOLE.match(answer):
            number = int(answer)
            for low, high, credit in self.ranges:
                if low <= number <= high:
                    return credit
        return None


def parse_credit(rule: str, item: str) -> CreditRule:
    """Read a rule as the form's author wrote it.

    Raises:
        CreditRuleError: a part is neither `option=credit` nor `low..high=credit`.
    """
    options: dict[str, float] = {}
    ranges: list[tuple[int, int, float]] = []
    for part in rule.split():
        term = _TERM.match(part)
        if not term:
            raise CreditRuleError(f"{item}: '{part}' is not a credit; write it as yes=1 or 0..50=0.5.")
        key, credit = term["key"], float(term["credit"])
        span = _RANGE.match(key)
        if span:
            ranges.append((int(span["low"]), int(span["high"]), credit))
        else:
            options[key] = credit
    return CreditRule(options, tuple(ranges))
