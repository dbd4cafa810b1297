"""What an import does: it is light, works from every module first, and the public names are as listed."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import kernelserve
from kernelserve.exceptions import FeatureNotBuiltError

ROOT = Path(__file__).resolve().parent.parent
IPYTHON_HOOKS = {"load_ipython_extension", "unload_ipython_extension"}
HEAVY = ("fastapi", "gradio", "grpc", "httpx", "pandas", "prometheus_client", "pytest", "ray", "torch")


def fresh(code: str) -> str:
    """What the code prints in a new Python process."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def public_modules() -> list[str]:
    """Every module of the package whose path has no leading underscore."""
    found = pkgutil.walk_packages(kernelserve.__path__, "kernelserve.")
    return sorted(m.name for m in found if not any(part.startswith("_") for part in m.name.split(".")))


def test_import_is_light() -> None:
    code = f"import sys, kernelserve; print(*[name for name in {HEAVY} if name in sys.modules])"
    assert fresh(code).split() == []


def test_import_starts_no_thread() -> None:
    assert fresh("import threading, kernelserve; print(threading.active_count())").split() == ["1"]


EACH_FIRST = """
import importlib, os, sys, traceback, types
import kernelserve, ray
for module in MODULES:
    # A process a module. The root package comes before any of its modules in every order, so it is imported once.
    child = os.fork()
    if not child:
        try:
            importlib.import_module(module)
            hidden = [name for name in CALLABLES if isinstance(getattr(kernelserve, name), types.ModuleType)]
            if hidden:
                print(module, "hides", *hidden)
        except BaseException:
            print(module, traceback.format_exc())
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_every_module_can_be_imported_first() -> None:
    """No cycle shows, and a submodule does not hide the public callable of its name (`deployment`)."""
    callables = [name for name in kernelserve.__all__ if not isinstance(getattr(kernelserve, name), types.ModuleType)]
    code = EACH_FIRST.replace("MODULES", repr(public_modules())).replace("CALLABLES", repr(callables))
    assert fresh(code) == ""


def test_all_is_sorted_and_has_no_doubles() -> None:
    assert list(kernelserve.__all__) == sorted(set(kernelserve.__all__))


def test_all_names_exist() -> None:
    assert [name for name in kernelserve.__all__ if not hasattr(kernelserve, name)] == []


def test_all_is_complete() -> None:
    """Whatever the root package binds under a public name is listed, but for IPython's hooks."""
    tree = ast.parse(Path(kernelserve.__file__).read_text())
    listed = set(kernelserve.__all__) | IPYTHON_HOOKS
    missing = [name for name in sorted(bound_names(tree)) if not name.startswith("_") and name not in listed]
    assert missing == []


@pytest.mark.parametrize("name", ["get_deployment_actor_context", "get_deployment_actor", "ControllerOptions"])
def test_names_of_ray_serve_that_are_not_built_say_so(name: str) -> None:
    with pytest.raises(FeatureNotBuiltError, match=f"serve.{name} is not built yet"):
        getattr(kernelserve, name)
    with pytest.raises(FeatureNotBuiltError, match=f"serve.{name} is not built yet"):
        exec(f"from kernelserve import {name}")
    assert name not in kernelserve.__all__


def test_other_names_are_missing_as_in_any_module() -> None:
    assert not hasattr(kernelserve, "bach")
    with pytest.raises(ImportError, match="bach"):
        exec("from kernelserve import bach")


def bound_names(tree: ast.Module) -> set[str]:
    """Names that a module binds at its top level, by import from the package, definition or assignment."""
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ImportFrom(module=source, names=aliases) if source != "__future__":
                names |= {
                    alias.asname or alias.name for alias in aliases if source and source.startswith("kernelserve")
                }
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names
