"""Money: invoices, payments, gateways, imports."""
