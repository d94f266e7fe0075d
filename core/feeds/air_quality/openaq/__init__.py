"""OpenAQ version 3: measured concentrations, with a free key."""
