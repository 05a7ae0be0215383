"""A bar for commands that take their time; nothing where nobody looks at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich import progress as bars
from rich.console import Console

from server.storage.progress import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """While this lasts, what is told to the function it gives is shown on standard error, a bar for each thing done."""
    console = Console(stderr=True)
    columns = (bars.TextColumn("{task.description:>14}"), bars.BarColumn(), bars.TaskProgressColumn())
    with bars.Progress(
        *columns, bars.TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        tasks: dict[str, bars.TaskID] = {}

        def tell(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bar.add_task(doing, total=total)
            bar.update(tasks[doing], completed=done, total=total)

        yield tell
