"""What can be done with invoices, one module a noun."""
