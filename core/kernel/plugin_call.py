"""The call through an address that Numba has no word for."""

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


call_compiled: Any = intrinsic(_call_compiled)
