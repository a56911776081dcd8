"""Benchmarks: how fast the hot paths are, beside a plain server on the same rows.

``python -m infra.tooling.bench`` starts servers of its own, prints a table and writes
``infra/tooling/bench/results/<name>.json``. Figures are ratios of one run on one machine; they
are no tests. Needs ``wrk`` (Debian: ``apt-get install wrk``) for the HTTP part.
"""
