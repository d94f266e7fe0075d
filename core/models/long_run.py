"""The variance of a sum of things that depend on each other."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from core.domain.memory import FloatArray


def long_run_variance(scores: FloatArray, lags: int) -> FloatArray:
    """
    Sum the scores' autocovariances up to `lags`, with Bartlett weights.

    Newey & West, A Simple, Positive Semi-definite, Heteroskedasticity and Autocorrelation
    Consistent Covariance Matrix (1987). By FFT: lags cost nothing.

    Args:
        scores: Shape (n, k), each column on its own.
        lags: At least 0.

    Returns:
        Shape (k,): n times the variance of a column's mean, times n.
    """
    length = next_fast_len(len(scores) + lags + 1)
    spectrum = rfft(scores, length, axis=0)
    covariances = irfft(spectrum * spectrum.conj(), length, axis=0)[: lags + 1]
    weights = 1.0 - np.arange(lags + 1) / (lags + 1)
    weights[1:] *= 2.0
    total: FloatArray = weights @ covariances
    return total
