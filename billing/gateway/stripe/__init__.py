"""Stripe: direct charges on the firm's own account, hosted Checkout.

Nothing outside this package and the sandbox imports Stripe's library or knows its codes.
"""
