"""Quoted answers to questions about encyclopedia articles: the truth is in them, they are short, and questions without an answer are told from the others."""
import json
import pathlib
import subprocess
import sys

import pytest
from host import ROOT, SLOW, Host

SHARED = ROOT.parent / "shared"
SAMPLE = 800
AT_LEAST = {"truth_in_answer": 0.82, "answered_answerable": 0.94, "auroc_unanswerable": 0.68, "auroc_foreign": 0.99}  # measured: 0.86, 0.97, 0.71, 0.998
AT_MOST = {"mean_words": 40, "answered_foreign": 0.03, "ece": 0.05}                                                   # measured: 35, 0.01, 0.03


def test_squad2_words(tmp_path):
    score = SHARED / "score" / "answers.py"
    for needed in (score, SHARED / "corpora" / "retrieval" / "squad2-dev-a"):
        if not needed.exists():
            pytest.skip("there is no %s beside the project" % pathlib.Path("..", *needed.parts[-3:]))
    with Host(tmp_path / "data") as host:
        done = subprocess.run([sys.executable, "-B", str(score), "words", host.url, "--queries", str(SAMPLE), "--threads", "2", "--json"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600 * SLOW)
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    measured = json.loads(done.stdout)
    print(measured)
    for name, floor in AT_LEAST.items():
        assert measured[name] >= floor, (name, measured)
    for name, ceiling in AT_MOST.items():
        assert measured[name] <= ceiling, (name, measured)
