"""Plots of the figures, as small SVGs whose bytes depend on the figures and on matplotlib's version alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from measured import Row

OURS, OTHERS = "#1f6f8b", "#b8b8b8"
PALETTE = ("#1f6f8b", "#99a8b2", "#e6a15c", "#7a5195", "#ef5675", "#59a14f")
STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.grid.axis": "both",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "grid.color": "#e8e8e8",
    "savefig.bbox": "tight",
    "svg.fonttype": "none",  # text stays text: smaller, and readable in any size
    "svg.hashsalt": "copydesk",
}


def draw(path: Path, size: tuple[float, float], panels: Sequence[Callable[[Axes], None]]) -> None:
    """Draw panels beside each other into a file; the size is that of all, in inches."""
    with plt.rc_context(STYLE):
        figure: Figure = plt.figure(figsize=size, layout="constrained")
        for number, panel in enumerate(panels, 1):
            axes = figure.add_subplot(1, len(panels), number)
            axes.set_axisbelow(True)
            panel(axes)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
        plt.close(figure)


def bars(axes: Axes, names: Sequence[str], values: Sequence[float], label: str, ours: Callable[[str], bool]) -> None:
    """Draw bars from the top down on a logarithmic scale, each with its value."""
    colours = [OURS if ours(name) else OTHERS for name in names]
    drawn = axes.barh(names, values, color=colours)
    axes.bar_label(drawn, [f"{value:,.3g}" for value in values], padding=3)
    axes.set(xscale="log", xlabel=label)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)


def stacked(axes: Axes, names: Sequence[str], parts: dict[str, list[float]], label: str) -> None:
    """Draw bars that are made of parts."""
    left = [0.0] * len(names)
    for (part, values), colour in zip(parts.items(), cycle(PALETTE), strict=False):
        axes.barh(names, values, left=left, label=part, color=colour)
        left = [before + value for before, value in zip(left, values, strict=True)]
    axes.set(xlabel=label)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.legend(ncols=len(parts), loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False, fontsize=8)


def line(rows: Sequence[Row], x: str, y: str, labels: tuple[str, str], *, log: bool) -> Callable[[Axes], None]:
    """Return what draws one value over another, which is on a logarithmic scale or not; nothing counts below 0."""

    def panel(axes: Axes) -> None:
        axes.plot([row[x] for row in rows], [row[y] for row in rows], marker="o", color=OURS)
        axes.set(xlabel=labels[0], ylabel=labels[1], ylim=(0, 1.15 * max(row[y] for row in rows)))
        if log:
            axes.set(xscale="log")
        else:
            axes.set(xlim=(0, 1.1 * max(row[x] for row in rows)))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))

    return panel
