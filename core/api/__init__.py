"""The interface of a running engine, for any viewer."""
