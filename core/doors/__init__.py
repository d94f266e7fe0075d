"""
The engine's front door: everything that the command line may ask of it.

Imports are made inside the functions: a wrong setting must not cost the time of loading
the kernel.
"""
