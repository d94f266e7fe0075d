"""The Turing change-point data set and its score (van den Burg & Williams, 2020)."""

from __future__ import annotations

import gzip
import json

import numpy as np

from tests.recorded_data import find

MARGIN = 5


def load_series():
    """All series here: name → list of dimensions, missing values as NaN."""
    folder = find("changepoint_tcpd")
    found = {}
    for file in sorted(folder.glob("*.json.gz")):
        recorded = json.loads(gzip.decompress(file.read_bytes()))
        found[recorded["name"]] = [np.array(s["raw"], float) for s in recorded["series"]]
    return found


def load_annotations():
    """Series → annotator → indices."""
    return json.loads(find("changepoint_tcpd/annotations.json").read_text())


def true_positives(annotated, predicted):
    """Annotated changes with a prediction of their own within the margin."""
    left = set(predicted)
    hit = set()
    for index in sorted(annotated):
        near = sorted((abs(index - guess), guess) for guess in left if abs(index - guess) <= MARGIN)
        if near:
            hit.add(index)
            left.remove(near[0][1])
    return hit


def f1_score(annotations, predicted):
    """Precision against all annotators together, recall as their mean; index 0 always counts."""
    annotators = [set(indices) | {0} for indices in annotations.values()]
    guesses = set(predicted) | {0}
    precision = len(true_positives(set().union(*annotators), guesses)) / len(guesses)
    recalls = [len(true_positives(one, guesses)) / len(one) for one in annotators]
    recall = sum(recalls) / len(recalls)
    return 2 * precision * recall / (precision + recall)
