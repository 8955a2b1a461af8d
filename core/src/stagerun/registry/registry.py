"""One engine's view of the installed plugins: resolves names, calls hooks, keeps failures apart."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from stagerun.errors import nearest
from stagerun.registry.index import HOOKS, Entry, read_index

if TYPE_CHECKING:
    import pluggy


@frozen
class Found:
    """A resolved name. `entry` is `module:attribute`, which is how a worker loads it again."""

    name: str
    entry: str
    dist: str
    version: str
    value: Any


class NotFound(Exception):
    """A name that cannot be used; the text says why, `hint` what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.what, self.hint = what, hint
        super().__init__(f"{what}; {hint}" if hint else what)


@define
class Registry:
    """Names and hooks for one engine; two registries share nothing.

    `disabled` distributions or hook plugins are left out by name (also `STAGERUN_DISABLE_PLUGINS`, comma-separated).
    `plugins` are objects with hook functions, handed in by an embedder.
    """

    plugins: Sequence[object] = ()
    disabled: frozenset[str] = frozenset()
    entries: list[Entry] = field(factory=read_index)
    failures: list[tuple[str, str, str]] = field(factory=list)  # plugin, hook, error: drained by the engine
    _manager: pluggy.PluginManager | None = None
    _cache: dict[tuple[str, str], Found] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        off = {name.strip() for name in os.environ.get("STAGERUN_DISABLE_PLUGINS", "").split(",")}
        self.disabled = frozenset(self.disabled | off - {""})
        self.entries = [entry for entry in self.entries if not self._is_off(entry)]

    def _is_off(self, entry: Entry) -> bool:
        return entry.dist in self.disabled or (entry.kind == HOOKS and entry.name in self.disabled)

    def names(self, kind: str) -> list[str]:
        """Every installed name of a kind, sorted."""
        return sorted({entry.name for entry in self.entries if entry.kind == kind})

    def find(self, kind: str, name: str) -> Found:
        """Load what a name stands for; raises NotFound for an unknown, doubly claimed or broken one."""
        if (kind, name) not in self._cache:
            self._cache[kind, name] = self._find(kind, name)
        return self._cache[kind, name]

    def _find(self, kind: str, name: str) -> Found:
        claims = [entry for entry in self.entries if entry.kind == kind and entry.name == name]
        if len(claims) > 1:
            who = " and ".join(f"{entry.dist} {entry.version}" for entry in claims)
            raise NotFound(
                f'{singular(kind)} "{name}" is claimed by two plugins, {who}',
                "uninstall one, or switch one off with STAGERUN_DISABLE_PLUGINS",
            )
        if claims:
            return self._load(claims[0])
        for answer in self.ask("stagerun_resolve", kind=kind, name=name):
            if answer is not None:
                entry = f"{answer.__module__}:{answer.__qualname__}"
                return Found(name=name, entry=entry, dist="a plugin's hook", version="", value=answer)
        known = self.names(kind)
        hint = nearest(name, known) or (f"installed: {', '.join(known)}" if known else f"no {kind} are installed")
        raise NotFound(f'unknown {singular(kind)} "{name}"', hint)

    def _load(self, entry: Entry) -> Found:
        try:
            value = load(entry.value)
        except Exception as error:  # whatever a stranger's module raises at import
            raise NotFound(
                f'{singular(entry.kind)} "{entry.name}" of {entry.dist} {entry.version} cannot be imported: '
                f"{type(error).__name__}: {error}",
                f"mend or reinstall {entry.dist}",
            ) from error
        return Found(name=entry.name, entry=entry.value, dist=entry.dist, version=entry.version, value=value)

    @property
    def has_hooks(self) -> bool:
        """Whether any plugin watches or extends; when none does, pluggy is never imported."""
        return bool(self.plugins) or any(entry.kind == HOOKS for entry in self.entries)

    def ask(self, hook: str, **arguments: Any) -> Iterator[Any]:
        """Call a hook's implementations one by one; one that raises lands in `failures` and the others still run."""
        if not self.has_hooks:
            return
        for implementation in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            try:
                given = {name: arguments[name] for name in implementation.argnames}
                yield implementation.function(**given)
            except Exception as error:  # an observer's fault must not break a run
                self.failures.append((implementation.plugin_name, hook, f"{type(error).__name__}: {error}"))

    @property
    def manager(self) -> pluggy.PluginManager:
        """This registry's own plugin manager, made when first needed."""
        if self._manager is None:
            self._manager = self._make_manager()
        return self._manager

    def _make_manager(self) -> pluggy.PluginManager:
        import pluggy

        from stagerun import hookspecs

        manager = pluggy.PluginManager("stagerun")
        manager.add_hookspecs(hookspecs)
        for entry in self.entries:
            if entry.kind == HOOKS:
                self._register(manager, entry)
        for plugin in self.plugins:
            manager.register(plugin)
        manager.check_pending()
        return manager

    def _register(self, manager: pluggy.PluginManager, entry: Entry) -> None:
        try:
            manager.register(load(entry.value), name=f"{entry.name} ({entry.dist})")
        except Exception as error:
            self.failures.append((f"{entry.name} ({entry.dist})", "load", f"{type(error).__name__}: {error}"))


def load(value: str) -> Any:
    """Import `module` or `module:attribute.path`."""
    module, _, attribute = value.partition(":")
    found = importlib.import_module(module)
    for part in attribute.split(".") if attribute else ():
        found = getattr(found, part)
    return found


def installed_version(name: str) -> str | None:
    """The version of an installed distribution, or None."""
    with suppress(Exception):
        from importlib.metadata import version

        return version(name)
    return None


def singular(kind: str) -> str:
    """One of a kind, for a message: 'stage' of 'stages', 'sandbox' of 'sandboxes'."""
    return kind[:-2] if kind.endswith("xes") else kind[:-1]
