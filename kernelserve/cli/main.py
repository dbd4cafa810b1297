"""The command line's grammar; each command's work is in a module of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kernelserve._version import __version__
from kernelserve.cli import arguments as checked


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kernelserve")
def main() -> None:
    """Serve models with Ray Serve's API: what changed moves, the rest stays."""


@main.command()
@click.argument("target", callback=checked.target, metavar="MODULE:APP")
@click.argument("arguments", callback=checked.key_values, metavar="[KEY=VALUE]...", nargs=-1)
@click.option("-r", "--reload", is_flag=True, help="Follow the files of your modules, and change what was edited.")
@click.option(
    "--name", callback=checked.app_name, default="default", show_default=True, help="Name of the application."
)
@click.option(
    "--route-prefix",
    "--route",
    callback=checked.route,
    default="/",
    show_default=True,
    help="HTTP prefix, or 'none' for no HTTP.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 is any.  [default: 8000, or the next free one]"
)
@click.option("--local", is_flag=True, help="In this process, without Ray.")
@click.option(
    "-d",
    "--app-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Folder to import MODULE from.  [default: the current one]",
)
def run(
    target: tuple[str, str],
    arguments: dict[str, str],
    reload: bool,
    name: str,
    route_prefix: str | None,
    host: str,
    port: int | None,
    local: bool,
    app_dir: Path,
) -> None:
    """Serve an application until ctrl-c.

    MODULE:APP names an application (what Deployment.bind returned), or a function that makes one; the function gets
    the KEY=VALUE arguments as a dict, or as the pydantic model that its parameter is annotated with.

    \b
    kernelserve run search:app --reload
    kernelserve run search:build_app --port 8080 model=small
    """
    from kernelserve.cli.run import Options, serve  # Late: `--help` and `--version` need no system.

    options = Options(target, arguments, reload, name, route_prefix, host, port, local, app_dir.resolve())
    sys.exit(serve(options))
