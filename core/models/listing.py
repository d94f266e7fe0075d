"""A fit for a person: what was found, and what was not and why."""

from __future__ import annotations

from collections.abc import Iterator

from core.models.model_set import ModelSet


def list_models(fit: ModelSet) -> str:
    """Write one line for each model and one for each refusal."""
    return "\n".join(_lines(fit))


def _lines(fit: ModelSet) -> Iterator[str]:
    yield f"fitted on {fit.bars:,} bars of {fit.bar_ms:,} ms, version {fit.version:012x}"
    for symbols in dict.fromkeys(model.instruments for model in fit.models):
        yield ""
        yield " ~ ".join(symbols)
        for model in fit.models:
            if model.instruments == symbols:
                yield f"  {model.kind.value:<8} {model.text}"
    if fit.refused:
        yield ""
        yield "not fitted"
        for refused in fit.refused:
            yield f"  {refused.kind.value:<8} {' ~ '.join(refused.instruments)}: {refused.reason}"
