"""Making scores mean what they say: fitted on held-out drawings, never on those that figures are reported for."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, logsumexp


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the T for which softmax(logits / T) gives `labels` the least cross-entropy (Guo et al., 2017).

    logits float (n, k), labels ints (n,) below k.
    """

    def cost(log_t: float) -> float:
        return -float(log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(cost, bounds=(-3, 3), method="bounded").x))


def fit_likeness(logits: np.ndarray, is_digit: np.ndarray) -> tuple[float, float]:
    """Return (T, b) for which sigmoid(odds / T + b) says best which images are digits (Platt, 1999).

    logits float (n, 11), is_digit bool (n,). The odds of a digit are logsumexp(logits[:10]) - logits[10]. Digits and
    non-digits weigh the same, however many there are of each.
    """
    odds = logsumexp(logits[:, :10], axis=1) - logits[:, 10]

    def cost(parameters: np.ndarray) -> float:
        log_t, bias = parameters
        wrong = np.logaddexp(0, np.where(is_digit, -1, 1) * (odds / np.exp(log_t) + bias))
        return float(wrong[is_digit].mean() + wrong[~is_digit].mean())

    log_t, bias = minimize(cost, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7}).x
    return float(np.exp(log_t)), float(bias)
