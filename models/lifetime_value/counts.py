"""How many purchases a customer who is still alive makes in a time to come: moments under BG/NBD.

The closed form of the expectation holds a hypergeometric function whose factors overflow for customers with many
purchases and cancel where a is near 1. The same figures are means over the dropout probability p, which given the
purchases is Beta(a, b + x): a Gauss-Jacobi quadrature of smooth, positive terms.
"""

from __future__ import annotations

import numpy as np

from .bg_nbd import BGNBD, checked, probability_alive

# Points of the quadrature: 24 give seven digits of the mean as long as the time ahead is at most ten times the time
# that the customer has been known for, and 96 give them up to a hundred times (three for more than 200 purchases).
NODES, NODES_FAR, FAR = 24, 96, 10.0

# Points worked on at once: a few float64 temporaries of that many stay below some 100 MB.
BLOCK_POINTS = 2_000_000

# Below this s * v the exact difference has lost most of its digits, and the first term of its series has more.
SMALL = 1e-5


def beta_quadrature(a: float, b: np.ndarray, nodes: int = NODES) -> tuple[np.ndarray, np.ndarray]:
    """Points in (0, 1) and weights (summing to 1) of the Gauss rule for each Beta(a, b), shape (len(b), nodes).

    Golub and Welsch (1969): eigenvalues of the symmetric matrix of the Jacobi polynomials' recurrence.
    """
    k = np.arange(1, nodes)
    # Jacobi weight (1 - z)^u (1 + z)^w on (-1, 1), z = 2p - 1.
    u, w = np.asarray(b, dtype="float64")[:, None] - 1, a - 1
    total = 2 * k + u + w
    diagonal = np.empty((len(u), nodes))
    diagonal[:, :1] = (w - u) / (u + w + 2)
    diagonal[:, 1:] = (w - u) * (w + u) / (total * (total + 2))
    beside = np.empty((len(u), nodes - 1))
    # The first one apart: k (k + u + w) and total - 1 are the same factor there and may both be near 0.
    beside[:, :1] = 4 * (1 + u) * (1 + w) / ((2 + u + w) ** 2 * (3 + u + w))
    later, sums = k[1:], total[:, 1:]
    beside[:, 1:] = 4 * later * (later + u) * (later + w) * (later + u + w) / (sums**2 * (sums**2 - 1))
    matrix = np.zeros((len(u), nodes, nodes))
    places = np.arange(nodes)
    matrix[:, places, places] = diagonal
    matrix[:, places[1:], places[:-1]] = np.sqrt(beside)
    values, vectors = np.linalg.eigh(matrix)
    return np.clip((1 + values) / 2, 1e-300, 1.0), vectors[:, 0, :] ** 2


def expected_purchases(
    model: BGNBD, frequency: np.ndarray, recency: np.ndarray, T: np.ndarray, ahead: float
) -> np.ndarray:
    """Purchases that each customer is expected to make in the `ahead` units of time to come (10); finite, >= 0."""
    x, t_x, total = checked(frequency, recency, T)
    return probability_alive(model, x, t_x, total) * count_moments(model, x, total, ahead)[0]


def count_moments(
    model: BGNBD, frequency: np.ndarray, T: np.ndarray, ahead: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance and probability of none, of the purchases of a living customer in the time `ahead`.

    Given the rate L and p, the n-th purchase comes as in a Poisson process of a rate that each purchase stops with
    probability p: E[N] = (1 - exp(-L p t)) / p and E[N (N - 1)] = 2 (1 - p) / p^2 (1 - exp(-L p t) (1 + L p t)),
    with L averaged over Gamma(r + x, alpha + T).
    """
    x, total = np.asarray(frequency, dtype="float64"), np.asarray(T, dtype="float64")
    reach = ahead / (model.alpha + total)
    mean, variance = np.empty_like(x), np.empty_like(x)
    for nodes, rows in ((NODES, np.flatnonzero(reach <= FAR)), (NODES_FAR, np.flatnonzero(reach > FAR))):
        rows = rows[np.argsort(x[rows], kind="stable")]
        size = BLOCK_POINTS // nodes
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            mean[block], variance[block] = _moments(model, x[block], reach[block], nodes)
    return mean, variance, np.exp(-(model.r + x) * np.log1p(reach))


def _moments(model: BGNBD, x: np.ndarray, reach: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance for rows in the order of x; reach is the time ahead over alpha + T."""
    distinct, place = np.unique(x, return_inverse=True)
    p, weight = (points[place] for points in beta_quadrature(model.a, model.b + distinct, nodes))
    shape, v = (model.r + x)[:, None], p * reach[:, None]
    decay = np.log1p(v)
    gone = -np.expm1(-shape * decay)
    mean = np.einsum("ij,ij->i", weight, gone / p)
    exact = gone - shape * v * np.exp(-(shape + 1) * decay)
    twice = np.where(shape * v < SMALL, shape * (shape + 1) * v**2 / 2, exact)
    square = np.einsum("ij,ij->i", weight, 2 * (1 - p) * (twice / p) / p)
    return mean, np.maximum(square + mean - mean**2, 0.0)
