"""The HTTP edge: what stands between the network and Django's threads.

A request is read whole, under limits, without a thread; only then a thread of a small pool runs
Django for it, and what it answered is sent without a thread again.
"""
