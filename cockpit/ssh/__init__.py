"""An engine on another machine, by way of the system's own ssh."""
