import math


def area(radius):
    return math.pi * radius**2


def ring(outer, inner):
    return area(outer) - area(inner)
