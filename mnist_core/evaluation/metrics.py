"""Figures of merit for a classifier of ten digits that also says how digit-like an image is."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error, 0-1: mean |accuracy - confidence| over bins of confidence (Naeini et al., 2015).

    confidence: float (n,), 0-1, the score of the digit that was read; correct: bool (n,).
    """
    each = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(each, correct, bins) - np.bincount(each, confidence, bins)
    return float(np.abs(gap).sum() / len(confidence))


def auroc(digits: np.ndarray, non_digits: np.ndarray) -> float:
    """The chance, 0-1, that a digit has a higher likeness than a non-digit, ties counting half.

    Area under the ROC curve by the rank statistic of Mann and Whitney (1947). digits, non_digits: float (n,) and (m,).
    """
    ranks = rankdata(np.concatenate([digits, non_digits]))[: len(digits)]
    return float((ranks.sum() - len(digits) * (len(digits) + 1) / 2) / (len(digits) * len(non_digits)))


def accepted_non_digits(digits: np.ndarray, non_digits: np.ndarray, keep: float = 0.95) -> float:
    """Share, 0-1, of `non_digits` over the highest threshold that at least the share `keep` of `digits` passes."""
    threshold = np.sort(digits)[int(np.floor((1 - keep) * len(digits) + 1e-9))]
    return float((non_digits >= threshold).mean())
