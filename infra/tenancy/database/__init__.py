"""PostgreSQL backend: one role and one search path per firm."""
