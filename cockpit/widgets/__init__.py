"""One panel a file, drawn by line."""
