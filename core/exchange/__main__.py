"""`python -m core.exchange`: the process that the engine starts for the profile `practice`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.domain.errors import FatalError
from core.exchange.config import DEFAULT_PORT, CityConfig, ExchangeConfig
from core.exchange.products import load_products
from core.exchange.server import main


def run(arguments: list[str] | None = None) -> int:
    """Parse the arguments, run the exchange, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.exchange", description=main.__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 picks a free one")
    parser.add_argument(
        "--cmi-port", type=int, help="also as a CMI exchange (REST and SSE); 0 picks a free one"
    )
    parser.add_argument(
        "--cmi-requests-per-s", type=float, default=0.0, help="beyond so many: 429; 0: no limit"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--speed", type=float, default=1.0, help="exchange seconds per second")
    parser.add_argument("--instruments", default="munich-2025", help="name in config/instruments")
    parser.add_argument(
        "--idle-exit-s", type=float, default=180.0, help="end when nobody is connected; 0: never"
    )
    parser.add_argument("--event", default="", help="name in config/events, of a simulated city")
    parser.add_argument("--city", default="munich", help="whose city it is")
    parser.add_argument("--city-seed", type=int, default=7)
    parser.add_argument("--city-speed", type=float, default=60.0, help="city seconds per second")
    parser.add_argument("--faults", type=Path, metavar="FILE", help="what is to go wrong")
    options = parser.parse_args(arguments)
    try:
        main(
            ExchangeConfig(
                products=load_products(options.instruments),
                port=options.port,
                cmi_port=options.cmi_port,
                cmi_requests_per_s=options.cmi_requests_per_s,
                seed=options.seed,
                speed=options.speed,
                idle_exit_s=options.idle_exit_s,
                faults=options.faults,
                city=CityConfig(options.event, options.city, options.city_seed, options.city_speed)
                if options.event
                else None,
            )
        )
    except FatalError as error:
        sys.stderr.write(f"imc-cockpit: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(run())
