"""Kernel ridge regression of every entry at once, with exact leave-out predictions in closed form.

Scores are 1 for an entry's own texts and 0 far from everything. Of K the kernel, W the weights and S = (K + λW⁻¹)⁻¹ the
coefficients are c = S·y, and leaving a group G out of the training needs no second fit: its scores are
y_G − (S_GG)⁻¹·c_G. That is what makes calibrating on the knowledge base itself (leave a text out, leave its like-worded
neighbours out, leave a whole entry out) a matter of seconds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlu.likeness import Numbers

Rows = NDArray[np.intp]

RIDGE: Final = 0.1
"""Chosen over simulated brands (bench/brands.py); 0.03 to 0.2 differ by less than 0.3 points."""

_JITTER: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What is learnt from. `among` is the kernel of the landmarks, `to` that of all rows (N) to the landmarks (M ≤ N);
    where all rows are landmarks both are the same. `targets`: N × entries, 1 or 0. `weights`: N, how much each row
    counts, 1 on average.
    """

    among: Numbers
    to: Numbers
    targets: Numbers
    weights: Numbers

    @property
    def is_complete(self) -> bool:
        return len(self.among) == len(self.to)

    def system(self) -> Numbers:
        """K + λW⁻¹, where all rows are landmarks."""
        system = self.to.copy()
        system[np.diag_indices_from(system)] += RIDGE / self.weights + _JITTER
        return system

    def features(self) -> Numbers:
        """Rows whose products are the kernel as the landmarks see it (Nyström)."""
        import scipy.linalg  # noqa: PLC0415  # 11 MB, for large knowledge bases only

        lower = scipy.linalg.cholesky(self.among + _JITTER * np.eye(len(self.among)), lower=True)
        return np.asarray(scipy.linalg.solve_triangular(lower, self.to.T, lower=True).T)

    def covariance(self, features: Numbers) -> Numbers:
        weighted = features * self.weights[:, None]
        return np.asarray(np.linalg.inv(features.T @ weighted + RIDGE * np.eye(features.shape[1])))


def learn_coefficients(lessons: Lessons) -> Numbers:
    """Landmarks × entries: a question's scores are its kernel to the landmarks times these."""
    if lessons.is_complete:
        return np.asarray(np.linalg.solve(lessons.system(), lessons.targets))
    import scipy.linalg  # noqa: PLC0415

    features = lessons.features()
    solution = lessons.covariance(features) @ (features.T @ (lessons.targets * lessons.weights[:, None]))
    lower = scipy.linalg.cholesky(lessons.among + _JITTER * np.eye(len(lessons.among)), lower=True)
    return np.asarray(scipy.linalg.solve_triangular(lower, solution, lower=True, trans="T"))


class LeftOut:
    """Scores of known texts as if some of them were not known. Large matrices: made for trials, then dropped."""

    def __init__(self, lessons: Lessons) -> None:
        self._targets, self._weights = lessons.targets, lessons.weights
        if lessons.is_complete:
            inverse = np.asarray(np.linalg.inv(lessons.system()))
            self._inverse: Numbers | None = inverse
            self._coefficients = inverse @ lessons.targets
            return
        self._inverse = None
        self._features = lessons.features()
        self._spread = self._features @ lessons.covariance(self._features)
        fitted = self._spread @ (self._features.T @ (lessons.targets * lessons.weights[:, None]))
        self._coefficients = (lessons.targets - fitted) * lessons.weights[:, None] / RIDGE

    def without_each(self, rows: Rows) -> Numbers:
        """Scores of each of `rows`, had it alone not been known."""
        if self._inverse is not None:
            held = self._inverse[rows, rows]
        else:
            leverage = np.einsum("ij,ij->i", self._spread[rows], self._features[rows]) * self._weights[rows]
            held = np.maximum(1 - leverage, _JITTER) * self._weights[rows] / RIDGE
        return np.asarray(self._targets[rows] - self._coefficients[rows] / held[:, None])

    def without(self, group: Rows, asked: Rows) -> Numbers:
        """Scores of the rows `asked`, had the rows `group` (sorted, they contain them) not been known."""
        scores = self._targets[group] - np.linalg.solve(self._held(group), self._coefficients[group])
        return np.asarray(scores[np.searchsorted(group, asked)])

    def _held(self, group: Rows) -> Numbers:
        """S_GG."""
        if self._inverse is not None:
            return self._inverse[np.ix_(group, group)]
        weights = self._weights[group]
        leverage = self._spread[group] @ self._features[group].T * weights[None, :]
        return np.asarray(weights[:, None] * ((1 + _JITTER) * np.eye(len(group)) - leverage) / RIDGE)
