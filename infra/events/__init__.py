"""Facts that must reach the world outside, written in the transaction that makes them true."""
