"""Calls through an address, which Numba has no word for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


def _call_compiled(_context: Any, _address: Any, record: Any) -> Any:
    """
    Call a compiled `float64(record)` at an address: (1.0, value), or (0.0, _) if it raised.

    Numba's functions report an exception through their status, which only the caller in
    compiled code can see; here it becomes a number.
    """
    pair: Any = types.UniTuple
    signature = pair(types.float64, 2)(types.int64, record)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, row = arguments
        convention = context.call_conv
        kind = convention.get_function_type(types.float64, (record,))
        function = builder.inttoptr(address, kind.as_pointer())
        status, value = convention.call_function(builder, function, types.float64, (record,), [row])
        is_well = builder.uitofp(status.is_ok, ir.DoubleType())
        return context.make_tuple(builder, signature.return_type, [is_well, value])

    return signature, generate


def _call_step(
    _context: Any, _address: Any, state: Any, events: Any, _index: Any, intents: Any
) -> Any:
    """Call `step` as it was compiled for arguments of these types, at an address."""
    signature = types.int64(types.int64, state, events, types.int64, intents)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, *passed = arguments
        convention = context.call_conv
        taken = signature.args[1:]
        kind = convention.get_function_type(types.int64, taken)
        function = builder.inttoptr(address, kind.as_pointer())
        # Kernel functions raise nothing, so there is no status to look at.
        _, count = convention.call_function(builder, function, types.int64, taken, passed)
        return count

    return signature, generate


call_compiled: Any = intrinsic(_call_compiled)
call_step: Any = intrinsic(_call_step)
