"""Bavaria's gauges: tables of its flood service and of its hydrological service."""
