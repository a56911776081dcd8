"""How a firm's schema comes to be and follows each release.

One template schema is migrated by Django itself; what its migrations ran is recorded,
migration by migration. New schemas replay the whole record, existing ones what they lack.
"""
