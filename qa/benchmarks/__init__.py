"""Measurements that compare in one run; no part of the product, none of the tests' times.

``python -m qa.benchmarks.index`` (an index at several sizes), ``.soak`` (many askers while it
changes), ``.faults`` (what an index survives), ``.peers`` (other libraries), ``.reader`` (its
precisions), ``.sources`` (RAMDocs) and ``.followups`` (CANARD).
"""
