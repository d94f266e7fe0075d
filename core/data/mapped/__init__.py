"""Tables whose columns the settings name: books by level, or orders one by one."""

from core.data.mapped.load import load_mapped

__all__ = ["load_mapped"]
