"""Logistic regressions from the evidence for spans to the probability that they are right."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from qa.confidence import Calibration, Evidence

__all__ = ["Asked", "fit", "with_sentences"]

_NAMES = [field.name for field in fields(Evidence)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's spans, the likeliest first by what was known before: their evidence,
    which of them are right (exact match), their F1, and whether an answer stands in their
    sentence. ``group`` is what is held out together."""

    kind: str
    group: str
    evidence: tuple[Evidence, ...]
    right: tuple[bool, ...]
    f1: tuple[float, ...]
    within: tuple[bool, ...] = ()


def fit(asked: Sequence[Asked], threshold: float = 0.0) -> Calibration:
    """Two logistic regressions: over all spans, for their order; then over the first span of
    each question, for its probability. The first of many is more often wrong than it seems
    to a regression over all."""
    rows = np.array([_row(e) for a in asked for e in a.evidence])
    right = np.array([r for a in asked for r in a.right])
    slope, bias = _regression(rows, right)
    firsts = [max(zip(a.evidence, a.right, strict=True), key=lambda p: float(_row(p[0]) @ slope))
              for a in asked if a.evidence]  # fmt: skip
    odds = np.array([[float(_row(e) @ slope) + bias] for e, _ in firsts])
    (again,), shift = _regression(odds, np.array([r for _, r in firsts]))
    parts = dict(zip(_NAMES, (float(x) for x in slope * again), strict=True))
    return Calibration(bias=float(bias * again + shift), threshold=threshold, **parts)


def with_sentences(calibration: Calibration, told: Sequence[Asked]) -> Calibration:
    """``calibration`` with the probability that a whole sentence answers, by what was ``told``: a
    regression over the odds of the likeliest span. As it was where there is nothing to learn from."""
    firsts = [
        max(zip(map(calibration.odds, a.evidence), a.within, strict=True))
        for a in told
        if a.evidence
    ]
    right = np.array([within for _, within in firsts], dtype=bool)
    if right.all() or not right.any():
        return calibration
    (slope,), bias = _regression(np.array([[odds] for odds, _ in firsts]), right)
    if slope <= 0:  # too few to tell; it would turn the order of the spans around
        return calibration
    return replace(calibration, sentence_bias=bias, sentence_odds=float(slope))


def _row(evidence: Evidence) -> npt.NDArray[np.float64]:
    return np.array([getattr(evidence, name) for name in _NAMES])


def _regression(
    rows: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], float]:
    model = LogisticRegression(C=100.0, max_iter=1000).fit(rows, right)
    return model.coef_[0], float(model.intercept_[0])
