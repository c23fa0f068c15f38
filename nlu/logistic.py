"""Logistic regression whose signs may only speak *for* an entry, pulled towards what is known beforehand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Coefficients (intercept first) and how firmly they are held: the curvature of the likelihood they came from,
    a matrix in units of one weighted observation each.
    """

    coefficients: Numbers
    curvature: Numbers

    def probability(self, signs: Numbers) -> Numbers:
        """Rows of signs to probabilities, strictly between 0 and 1."""
        return sigmoid(_with_intercept(signs) @ self.coefficients)


def sigmoid(values: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def learn(signs: Numbers, right: NDArray[np.bool_], weights: Numbers, *, prior: Belief, firmness: float) -> Belief:
    """Maximum a posteriori. `weights` sum to the number of observations; the prior counts as `firmness` of them.

    Coefficients of signs never fall below zero, so that more evidence never means less confidence.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  # heavy, only where something is learnt

    rows = _with_intercept(signs)
    targets = right.astype(np.float64)
    pull = firmness * prior.curvature

    def loss(coefficients: Numbers) -> tuple[float, Numbers]:
        values = rows @ coefficients
        distance = coefficients - prior.coefficients
        cost = weights @ (np.logaddexp(0, values) - targets * values) + 0.5 * distance @ pull @ distance
        slope = rows.T @ (weights * (sigmoid(values) - targets)) + pull @ distance
        return float(cost), slope

    bounds = [(None, None), *[(0.0, None)] * signs.shape[1]]
    found = minimize(loss, np.maximum(prior.coefficients, 0.0), jac=True, bounds=bounds, method="L-BFGS-B")
    probability = sigmoid(rows @ found.x)
    spread = weights * probability * (1 - probability)
    total = max(float(weights.sum()), 1.0)
    curvature = ((rows * spread[:, None]).T @ rows + pull) / (total + firmness)
    return Belief(coefficients=np.asarray(found.x), curvature=curvature)


def _with_intercept(signs: Numbers) -> Numbers:
    return np.hstack([np.ones((len(signs), 1)), signs])
