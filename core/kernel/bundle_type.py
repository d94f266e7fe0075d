"""What Numba has to know of bundles: their type, how they are passed, how fields are read."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import types
from numba.core.typing.templates import AttributeTemplate
from numba.core.typing.typeof import typeof

_numba: Any = extending
"""Its hints say of most of it that it is not typed."""

_WORD = ir.IntType(64)


class Bundle(types.Type):
    """A NamedTuple by reference: the address of a table of its fields."""

    def __init__(self, cls: type[Any], fields: tuple[tuple[str, Any], ...]) -> None:
        self.cls = cls
        self.fields = fields
        super().__init__(name=cls.__name__)

    @property
    def key(self) -> Any:
        """Of the same class and the same fields is the same type."""
        return self.cls, self.fields

    def find(self, name: str) -> tuple[int, Any]:
        """Word of the table where a field begins, and the field's type."""
        place = 0
        for each, kind in self.fields:
            if each == name:
                return place, kind
            place += _size(kind)
        raise AttributeError(name)


def _size(kind: Any) -> int:
    """Words that a field takes in the table."""
    if isinstance(kind, Bundle):
        return 1
    if isinstance(kind, types.Array):
        return 5 + 2 * int(kind.ndim)
    return sum(map(_size, kind.types))


def register(cls: type[Any]) -> None:
    """Let compiled functions take instances of a class by reference."""

    def typeof_bundle(value: Any, _context: Any) -> Bundle:
        return Bundle(cls, tuple(zip(value._fields, map(typeof, value), strict=True)))

    _numba.typeof_impl.register(cls)(typeof_bundle)


def _unbox(_kind: Any, value: Any, context: Any) -> Any:
    address = context.pyapi.object_getattr_string(value, "address")
    table = context.pyapi.long_as_voidptr(address)
    context.pyapi.decref(address)
    return _numba.NativeValue(table, is_error=context.pyapi.c_api_error())


class _Fields(AttributeTemplate):
    key = Bundle

    def generic_resolve(self, typ: Any, attr: str) -> Any:  # type: ignore[override]  # a stub there
        return dict(typ.fields).get(attr)


def _read(context: Any, builder: Any, bundle: Bundle, table: Any, name: str) -> Any:
    place, kind = bundle.find(name)
    words = builder.bitcast(table, _WORD.as_pointer())
    at = builder.gep(words, [ir.Constant(_WORD, place)])
    wanted = context.get_value_type(kind)
    return _load(builder, builder.bitcast(at, wanted.as_pointer()), wanted)


def _load(builder: Any, at: Any, wanted: Any) -> Any:
    """Load word by word, so that what nobody uses is not loaded at all."""
    if not isinstance(wanted, ir.LiteralStructType | ir.ArrayType):
        word = builder.load(at)
        # A table is written once, before compiled code sees it: no store can change it.
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
        return word
    whole = ir.Constant(wanted, ir.Undefined)
    for index in range(len(wanted)):
        zero, number = (ir.Constant(ir.IntType(32), value) for value in (0, index))
        part = builder.gep(at, [zero, number])
        whole = builder.insert_value(whole, _load(builder, part, part.type.pointee), index)
    return whole


_numba.register_model(Bundle)(_numba.models.OpaqueModel)
_numba.unbox(Bundle)(_unbox)
_numba.infer_getattr(_Fields)
_numba.lower_getattr_generic(Bundle)(_read)
