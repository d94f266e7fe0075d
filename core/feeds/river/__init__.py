"""Rivers: level, flow and water temperature at gauges."""
