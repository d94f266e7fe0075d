"""The cockpit here, the engine there."""

from __future__ import annotations

import asyncio

from cockpit.cli.screen import open_cockpit, show, touch
from cockpit.cli.world import World, say


def attach_over_ssh(
    world: World,
    destination: str,
    run_dir: str | None,
    command: str | None,
    *,
    read_only: bool,
    fps: float | None,
) -> int:
    """
    Open the cockpit on an engine of another machine.

    Args:
        world: Whose settings of the cockpit count.
        destination: As ssh takes it.
        run_dir: Over there; None for the default there.
        command: What imc-cockpit is called over there; None for its name.
        read_only: Look, but send nothing.
        fps: Most pictures a second; None for what the settings say.

    Raises:
        ConfigurationError: If ssh is missing here, or the destination is none.
        EngineUnavailable: If nothing answers, or no engine runs there.
    """
    from cockpit.ssh.client import TunnelClient
    from cockpit.ssh.remote import find
    from cockpit.ssh.tunnel import Tunnel

    say(f"asking {destination} for its engine ...")
    remote = find(destination, run_dir, command or "imc-cockpit")
    with Tunnel(remote) as tunnel:

        def connect() -> TunnelClient:
            return TunnelClient(tunnel, read_only=read_only)

        asyncio.run(touch(connect()))
        app = open_cockpit(world, connect, read_only=read_only, fps=fps)
        return show(app, app.run)
