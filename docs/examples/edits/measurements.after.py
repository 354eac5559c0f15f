"""Cleans the readings of a thermometer."""


def within(value, low, high):
    return low <= value and value <= high


def smooth(values, weight=0.5):
    """Exponential smoothing: each value is mixed with those before it."""
    smoothed = []
    for value in values:
        last = smoothed[-1] if smoothed else value
        smoothed.append(weight * value + (1 - weight) * last)
    return smoothed


def clean(values, low=-40.0, high=60.0):
    """Leaves readings out that no thermometer outdoors can have, and smooths the others."""
    return smooth([value for value in values if within(value, low, high)])
