"""How a person wants the cockpit: looks, keys, panes, trading, alerts."""
