"""Air quality: dust and gases, and the indices that are made of them."""
