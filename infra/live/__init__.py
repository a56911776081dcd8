"""Live streams to open pages: a small process of its own that touches no firm's table.

A page carries a signed ticket that names one person of one firm; the process checks the
ticket, listens on that person's channel at Valkey and passes on *that* something
happened, never what.
"""
