"""What is confidential: documents, messages, contracts, secrets. Its capabilities follow."""
