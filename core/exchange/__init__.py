"""
The practice exchange: a real server with a living market.

`exchange` holds the rules and `market` one book; `bots` and `fair_value` make the
market live; `gateway` knows who is to hear what; `server` has the sockets and the clock.
"""
