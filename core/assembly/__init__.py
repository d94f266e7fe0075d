"""The composition root: settings become objects, and only here are concrete ones named."""
