"""The fuzz target of the wire: `python -m tests.fuzz.fuzz_frame`, options of libFuzzer after it.

Needs atheris (`requirements/fuzz.txt`), which is not among the tests' own requirements. Runs ten minutes unless told
otherwise; an exception, an input of more than five seconds, or more than 200 MB of memory ends it with a report and the
input in var/fuzz. What it found worth keeping stays in var/fuzz/corpus for the next time.
"""

import sys
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports]

with atheris.instrument_imports(include=["anganwadi"]):  # pyright: ignore[reportAttributeAccessIssue]
    from tests.fuzz.doors import enter

from tests.fuzz import seeds

FOLDER = Path("var/fuzz")
OPTIONS = (
    "-max_total_time=600",
    "-timeout=5",
    "-rss_limit_mb=200",
    "-max_len=65536",
    "-print_final_stats=1",
    f"-artifact_prefix={FOLDER}/",
)


def main() -> None:
    seeds.write(FOLDER / "corpus")
    atheris.Setup([sys.argv[0], *OPTIONS, *sys.argv[1:], str(FOLDER / "corpus")], enter)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
