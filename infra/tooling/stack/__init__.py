"""PostgreSQL, Valkey and a mailbox that start by themselves, for the demo and the tests."""
