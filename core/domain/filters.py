"""The row of one Kalman filter: its noises, and what it has made of the series so far."""

from __future__ import annotations

from typing import Protocol

from core.domain.memory import F64, I64, dtype_of


class KalmanFilter(Protocol):
    """
    Local level, or local linear trend, of one series.

        y(t) = level(t) + ε,  level(t+1) = level(t) + slope(t) + η,  slope(t+1) = slope(t) + ζ

    Levels are in the unit of the series (ticks in the engine), slopes in that unit per
    observation. Every variance but `innovation_variance` is in squared units times
    `variance_scale`, which is 1 for a fitted filter. Durbin & Koopman, Time Series
    Analysis by State Space Methods, ch. 2 and 3.2.
    """

    observation_variance: F64
    """σ²ε."""
    level_variance: F64
    """σ²η."""
    slope_variance: F64
    """σ²ζ; unused without a trend."""
    has_trend: I64
    fitted: I64
    """1: the variances are given. 0: only their ratios are, and `variance_scale` is learned."""
    adapt_weight: F64
    """Weight of one innovation in `variance_scale`, once as many have been seen."""

    observations: I64
    missing: I64
    """Missing observations in a row, up to now."""
    level: F64
    slope: F64
    """0 until the second observation."""
    p_level: F64
    """Variance of the level given all observations; a missing one makes it grow."""
    p_cross: F64
    """Covariance of level and slope."""
    p_slope: F64
    """Variance of the slope; 0 until the second observation gives it a first value."""
    gain_level: F64
    """Share of the newest innovation that went into the level."""
    gain_slope: F64
    innovation: F64
    """Newest observation minus its forecast; 0 while there is no forecast."""
    innovation_variance: F64
    """Of that innovation, in squared units; 0 while there is no forecast."""
    variance_scale: F64
    """Running mean of innovation² / its variance for the given ratios; 1 if `fitted`."""


KALMAN_FILTER = dtype_of(KalmanFilter)
