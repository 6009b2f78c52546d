"""What a command says: to people on a terminal, to pipes, to programs.

Commands hand over objects and columns; only here is decided how they look. rich is loaded where something is drawn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from kallglot.objects.reading import Shape

Progress = Callable[[int, int | None], None]
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """`show` makes the cell of an object; `style` is rich's word for its colour."""

    title: str
    show: Callable[[Any], Any]
    style: str = ""
    right: bool = False


class Screen:
    def __init__(self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.as_json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    @property
    def is_terminal(self) -> bool:
        return self._out.isatty() and not self.as_json

    @property
    def console(self) -> Console:
        """Of stdout. Raises UsageProblem where rich is not installed."""
        return _console(self._out)

    def line(self, text: str = "") -> None:
        """To stdout, as it is."""
        self._out.write(text + "\n")
        self._out.flush()

    def note(self, text: str) -> None:
        """To stderr: what is happening."""
        self._err.write(text + "\n")
        self._err.flush()

    def json(self, value: Any) -> None:
        self.line(json.dumps(value, ensure_ascii=False, indent=2))

    def event(self, value: Mapping[str, Any]) -> None:
        """One of many: a document a line."""
        self.line(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def record(self, shown: Shape, columns: Sequence[Column]) -> None:
        """One object."""
        if self.as_json:
            self.json(shown.raw)
        elif self.is_terminal:
            self._draw_record([(column, cell(column.show(shown))) for column in columns])
        else:
            for column in columns:
                self.line(f"{column.title}\t{cell(column.show(shown))}")

    def table(self, shown: Iterable[Shape], columns: Sequence[Column], nothing: str) -> None:
        """Many objects; `nothing` is said, on stderr, where there are none."""
        objects = list(shown)
        if self.as_json:
            self.json({"object": "list", "data": [each.raw for each in objects]})
            return
        if not objects:
            self.note(nothing)
        elif self.is_terminal:
            self._draw_table(objects, columns)
        else:
            for each in objects:
                self.line("\t".join(cell(column.show(each)) for column in columns))

    @contextmanager
    def progress(self, what: str) -> Iterator[Progress]:
        """A bar on stderr while something long runs; nothing where stderr is no terminal."""
        if not self._err.isatty():
            yield lambda _done, _total: None
            return
        with _bar(self._err) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def _draw_record(self, cells: Sequence[tuple[Column, str]]) -> None:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for column, text in cells:
            if text:
                grid.add_row(column.title, Text(text, column.style))
        self.console.print(grid)

    def _draw_table(self, objects: Sequence[Shape], columns: Sequence[Column]) -> None:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        console = self.console
        rows = [[cell(column.show(each)) for column in columns] for each in objects]
        shown = columns[: _fitting([column.title for column in columns], rows, console.width)]
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
        for column in shown:
            side: Literal["left", "right"] = "right" if column.right else "left"
            table.add_column(column.title, justify=side, no_wrap=True)
        for row in rows:
            table.add_row(*(Text(text, column.style) for text, column in zip(row, shown, strict=False)))
        console.print(table)


def _fitting(titles: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """How many columns, from the left, a terminal has room for; two at least. The important ones come first."""
    widths = [max(map(len, column)) + _GAP for column in zip(titles, *rows, strict=True)]
    return max(2, sum(total - _GAP <= width for total in accumulate(widths)))


def cell(value: Any) -> str:
    """A value as people read it, in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, tuple | list):
        return ", ".join(cell(each) for each in value)
    return " ".join(str(value).split())


def seconds(value: float | None) -> str:
    """A duration: `4:05`, `1:02:03`."""
    if value is None:
        return ""
    whole = round(value)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def _console(file: TextIO) -> Console:
    try:
        from rich.console import Console  # noqa: PLC0415
    except ImportError:
        from kallglot.cli.problems import UsageProblem  # noqa: PLC0415

        raise UsageProblem("a terminal needs `pip install 'kallglot-client[cli]'`; `--json` works without") from None
    return Console(file=file, highlight=False)


def _bar(file: TextIO) -> Any:
    _console(file)
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn  # noqa: PLC0415

    parts = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*parts, console=_console(file), transient=True)
