"""The arithmetic of a benchmark."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What running something costs.

    Attributes:
        cpu: Seconds, user and system, of the process and all it starts.
        wall: Seconds that pass.
        memory: Bytes of all its processes together, at the peak.
    """

    cpu: float
    wall: float
    memory: int


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure on its own."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        round(statistics.median(cost.memory for cost in costs)),
    )


def total(costs: Sequence[Cost]) -> Cost:
    """Return what steps cost that run one after the other."""
    return Cost(
        sum(cost.cpu for cost in costs),
        sum(cost.wall for cost in costs),
        max(cost.memory for cost in costs),
    )


def exponent(times: Mapping[int, float]) -> float | None:
    """Return how time grows with size: 1 is linear, 2 quadratic.

    It is the slope of the line through the points (log size, log time), fitted by least squares.

    Args:
        times: Size -> time.

    Returns:
        Nothing if there are fewer than two sizes.
    """
    points = {math.log(size): math.log(time) for size, time in times.items() if size and time}
    if len(points) < 2:
        return None
    return statistics.linear_regression(list(points), list(points.values())).slope
