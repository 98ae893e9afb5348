"""How good answers, rankings and confidences are, as the field measures them."""

import math
import string
from collections.abc import Mapping, Sequence

import numpy as np

from qa.text import normalized, token_f1

__all__ = ["auroc", "best_threshold", "calibration_error", "exact_match", "ndcg", "recall", "score"]


def _official(text: str) -> str:
    """An answer as SQuAD's script compares it: ASCII punctuation only is taken out."""
    return normalized(text, string.punctuation)


def exact_match(predicted: str, accepted: Sequence[str]) -> float:
    """1 if ``predicted`` is an accepted answer, as SQuAD's official script compares, else 0."""
    return float(_official(predicted) in set(map(_official, accepted)))


def score(predicted: str, accepted: Sequence[str]) -> tuple[float, float]:
    """Exact match and F1 of an answer. No answer is the empty string, predicted or accepted.

    An accepted answer that normalises to nothing is left out, as in the official script.
    """
    answers = [answer for answer in accepted if _official(answer)] or [""]
    words = _official(predicted).split()
    return (
        exact_match(predicted, answers),
        max(token_f1(words, _official(answer).split()) for answer in answers),
    )


def best_threshold(
    scores: Sequence[float], answered: Sequence[float], refused: Sequence[float]
) -> tuple[float, float]:
    """The threshold at which the mean is best, and that mean.

    A question counts ``answered[i]`` if its score is at least the threshold and
    ``refused[i]`` if not: the search of SQuAD 2.0's official script.
    """
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    ranked = np.asarray(scores, dtype=float)[order]
    gains = (np.asarray(answered, dtype=float) - np.asarray(refused, dtype=float))[order]
    totals = np.concatenate([[0.0], np.cumsum(gains)]) + float(np.sum(refused))
    # Questions of the same score are answered together or not at all.
    possible = np.concatenate([[True], np.append(ranked[1:] < ranked[:-1], True)])
    totals[~possible] = -np.inf
    best = int(np.argmax(totals))
    threshold = ranked[best - 1] if best else np.nextafter(ranked[0], np.inf)
    return float(threshold), float(totals[best]) / len(order)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The area under the ROC curve: the probability that a positive has a higher score than a
    negative, ties counted half (Mann and Whitney); None unless there are both. 0 to 1."""
    if len(set(positive)) < 2:
        return None
    from sklearn.metrics import roc_auc_score  # slow to import

    return round(float(roc_auc_score(positive, scores)), 4)


def calibration_error(
    confidences: Sequence[float], right: Sequence[float], bins: int = 15
) -> float:
    """Expected calibration error, 0 to 1, over ``bins`` bins of equal width.

    Guo et al., "On Calibration of Modern Neural Networks" (2017).
    """
    sure, correct = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    if not len(sure):
        return 0.0
    of = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(float(np.sum(correct[of == b] - sure[of == b]))) for b in range(bins)]
    return sum(gaps) / len(sure)


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain at ``k``, 0 to 1, with the grades as gains.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002), in
    the form of trec_eval.
    """

    def gain(grades: Sequence[float]) -> float:
        return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades[:k], 1))

    ideal = gain(sorted(relevant.values(), reverse=True))
    return gain([relevant.get(name, 0) for name in ranked]) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """The share (0 to 1) of the relevant documents that stand among the first ``k``."""
    return len(set(ranked[:k]) & relevant.keys()) / len(relevant) if relevant else 0.0
