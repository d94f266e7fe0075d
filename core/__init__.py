"""The engine: it decides and trades, and never imports a screen."""
