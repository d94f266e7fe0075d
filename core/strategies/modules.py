"""Modules of the user's own: found, imported, and named by a fingerprint."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from core.domain.errors import ConfigurationError
from core.tables.paths import display_path

LONGEST_REASON = 160
"""Characters that are told of what a library has to say."""


def import_module(label: str, name: str, folders: Sequence[Path]) -> ModuleType:
    """
    Import a module by its name.

    Args:
        label: The setting that names it, for the sentence of a refusal.
        name: `package.module`.
        folders: Searched before the usual places.

    Raises:
        ConfigurationError: If there is no such module, or it cannot be imported.
    """
    with _refusing(label), _searching(folders) as places:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if missing != name and not name.startswith(f"{missing}."):
                raise
            near = hint(missing.rpartition(".")[2], _modules_beside(missing, places))
            raise ConfigurationError(
                f"{label}: there is no module {missing} in {', '.join(map(_shown, folders))}{near}"
            ) from error


def import_file(label: str, path: Path) -> ModuleType:
    """
    Import a module by its file, anew each time.

    Raises:
        ConfigurationError: If there is no such file, or it cannot be imported.
    """
    if not path.is_file():
        near = hint(path.name, [file.name for file in path.parent.glob("*.py")])
        raise ConfigurationError(f"{label}: there is no file {display_path(path)}{near}")
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{label}: {display_path(path)} is no Python file")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    # What dataclasses and pickles of the module look themselves up in.
    sys.modules[name] = module
    with _refusing(label), _searching([path.parent]):
        try:
            spec.loader.exec_module(module)
        except BaseException:
            if before is None:
                del sys.modules[name]
            else:
                sys.modules[name] = before
            raise
    return module


@contextmanager
def _searching(folders: Sequence[Path]) -> Iterator[list[str]]:
    places = [str(folder.resolve()) for folder in folders]
    sys.path[:0] = places
    importlib.invalidate_caches()
    try:
        yield places
    finally:
        for place in places:
            sys.path.remove(place)


@contextmanager
def _refusing(label: str) -> Iterator[None]:
    """Say in one sentence why a module cannot be imported."""
    try:
        yield
    except ConfigurationError:
        raise
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise ConfigurationError(
            f"{label}: its module needs {error.name}: {error}; "
            f"install {package} into the environment of imc-cockpit"
        ) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"{label}: its module cannot be imported: {one_line(error)}"
        ) from error


def _shown(folder: Path) -> str:
    return display_path(folder.resolve())


def _modules_beside(name: str, places: Sequence[str]) -> list[str]:
    parent = sys.modules.get(name.rpartition(".")[0])
    paths = list(parent.__path__) if parent is not None else list(places)
    return [module.name for module in pkgutil.iter_modules(paths)]


def file_of(module: ModuleType) -> str:
    """Name of a module's file, as it is shown."""
    return display_path(Path(getattr(module, "__file__", None) or module.__name__))


def missing(
    label: str, module: ModuleType, what: str, name: str, is_one: Callable[[object], bool]
) -> ConfigurationError:
    """Make the refusal for a name that a module does not have."""
    known = [key for key, value in vars(module).items() if is_one(value)]
    return ConfigurationError(f"{label}: {file_of(module)} has no {what} {name}{hint(name, known)}")


def hint(name: str, known: Iterable[str]) -> str:
    """Name the nearest of what there is, if one is near."""
    nearest = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def fingerprint(name: str, module: ModuleType) -> str:
    """Digest of the name and the file of its module: 16 hex digits."""
    digest = hashlib.blake2b(name.encode(), digest_size=8)
    file = getattr(module, "__file__", None)
    if file is not None:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def one_line(error: BaseException) -> str:
    """Say what was raised in one line."""
    text = " ".join(str(error).split())[:LONGEST_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
