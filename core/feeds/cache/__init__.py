"""Answers that need not be asked for again, and who asks for them."""
