"""Your own target: the share of the largest position allowed, -1 to 1, compiled."""


def fade(row):
    """Lean against the distance from the Kalman level, most at two deviations."""
    if row.innovation_deviation_ticks <= 0.0:
        return 0.0
    distance = (row.mid2_ticks / 2 - row.level_ticks) / row.innovation_deviation_ticks
    return max(-1.0, min(1.0, -distance / 2.0))
