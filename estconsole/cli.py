"""The command line: one program, with each front imported only when its command runs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from estconsole import data_directory
from estconsole.errors import EstConsoleError
from estconsole.settings import PortLayout, host_problem, name_problem

Command = TypeVar("Command", bound=Callable[..., Any])

_DATA_DIR_HELP = (
    f"Where the lab rests. Default: ${data_directory.ENVIRONMENT_VARIABLE}, else the platform's data folder."
)
_HOST_HELP = "Address to listen on; may be repeated. Default: as stored in the lab, at first both loopback addresses."
_NAME_HELP = (
    "Host name or address that the server's certificate has too; may be repeated. Default: as stored in the lab."
)
_CONFIG_HELP = (
    "The file of your settings: theme and keys. Default: $ESTCONSOLE_CONFIG, else config.toml in the platform's folder."
)
_READ_ONLY_HELP = "Change nothing in the lab from the console; devices enroll all the same."
_LAYOUT_HELP = "Which ports there are: plain, TLS and TLS with client certificate; or plain and one TLS; or one TLS."
_PORT = click.IntRange(0, 65535)


def _port_option(name: str, first: int, words: str) -> Callable[[Command], Command]:
    return click.option(
        name, type=_PORT, help=f"{words} 0: any free port. Default: as stored in the lab, at first {first}."
    )


def _checked(problem_of: Callable[[str], str | None]) -> Callable[..., tuple[str, ...]]:
    """A click callback that refuses what there is a problem with."""

    def check(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
        if problem := next((problem for text in texts if (problem := problem_of(text))), None):
            raise click.BadParameter(problem)
        return texts

    return check


def _layout(_context: click.Context, _parameter: click.Parameter, text: str | None) -> PortLayout | None:
    return None if text is None else PortLayout(text)


def _listening_options(command: Command) -> Command:
    """The options of every command that serves. One that is not given is None, or empty."""
    layouts = click.Choice([str(layout) for layout in PortLayout])
    for option in reversed(
        (
            click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help=_DATA_DIR_HELP),
            click.option("--host", "hosts", multiple=True, callback=_checked(host_problem), help=_HOST_HELP),
            click.option(
                "--layout",
                type=layouts,
                callback=_layout,
                help=f"{_LAYOUT_HELP} Default: as stored in the lab, at first three-port.",
            ),
            _port_option("--tls-port", 8442, "TLS without client certificates."),
            _port_option("--mtls-port", 8443, "TLS that asks for a client certificate, or serves everything."),
            _port_option("--http-port", 8080, "Plain HTTP: CA certificates, CRLs and health."),
            click.option("--name", "names", multiple=True, callback=_checked(name_problem), help=_NAME_HELP),
        )
    ):
        command = option(command)
    return command


def _console_options(command: Command) -> Command:
    """The options of every command that opens the console."""
    config = click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help=_CONFIG_HELP)
    return config(click.option("--read-only", is_flag=True, help=_READ_ONLY_HELP)(command))


@click.group(invoke_without_command=True)
@_listening_options
@_console_options
@click.version_option(package_name="estconsole")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """A console with an EST server inside (RFC 7030). Without a command it opens the console on your lab."""
    os.umask(0o077)
    if context.invoked_subcommand is None:
        _reporting(lambda: _console(demo=False, **options))
        return
    given = [each for each in context.command.params if each.name in options]
    misplaced = [
        each.opts[0] for each in given if context.get_parameter_source(each.name or "") is ParameterSource.COMMANDLINE
    ]
    if misplaced:
        named = ", ".join(misplaced)
        raise click.UsageError(f"give {named} after the command: estconsole {context.invoked_subcommand} {named} …")


@main.command()
@_listening_options
@_console_options
@click.option("--reset", is_flag=True, help="Start the demo over: its CA, entities, certificates and log are removed.")
@click.option("--yes", is_flag=True, help="Do not ask before --reset.")
def demo(*, reset: bool, yes: bool, **options: Any) -> None:
    """Open the console on the demo lab, with the server running."""

    def run() -> None:
        if reset:
            _reset(_location(options["data_dir"], demo=True), ask=not yes)
        _console(demo=True, **options)

    _reporting(run)


@main.command()
@_listening_options
@click.option("--demo", "is_demo", is_flag=True, help="Serve the demo lab.")
def serve(*, is_demo: bool, **options: Any) -> None:
    """Serve without a console: one JSON object a line on standard output, until SIGINT or SIGTERM."""
    from estconsole.headless import serve_headless

    def run() -> None:
        location = _location(options.pop("data_dir"), demo=is_demo)
        _log_to(sys.stderr)
        serve_headless(location, _given(**options), demo=is_demo)

    _reporting(run)


@main.command()
def keys() -> None:
    """Print every key of the console, as the settings file has them."""
    from estconsole.console import keys_as_toml

    _reporting(lambda: click.echo(keys_as_toml()))


def _console(*, demo: bool, data_dir: Path | None, read_only: bool, config: Path | None, **options: Any) -> None:
    from estconsole.console import run_console

    location = _location(data_dir, demo=demo)
    run_console(
        location,
        _given(**options),
        demo=demo,
        on_open=lambda: _log_to_file(location),
        read_only=read_only,
        config=config,
    )


def _reset(location: Path, *, ask: bool) -> None:
    from estconsole.lab import require_demo

    directory = data_directory.DataDirectory(location, "estconsole demo --reset")
    try:
        if directory.is_new:
            return
        require_demo(directory)
        if ask:
            question = f"Remove the demo lab in {location}: its CA, end entities, certificates and log?"
            click.confirm(question, abort=True)
        directory.erase()
    finally:
        directory.close()


def _location(data_dir: Path | None, *, demo: bool) -> Path:
    return data_dir or data_directory.default_location(demo=demo)


def _given(**options: Any) -> dict[str, object]:
    """The server settings that were given as options, by the names of their fields."""
    return {name: value for name, value in options.items() if value not in (None, ())}


def _reporting(run: Callable[[], None]) -> None:
    """Run a command; what the operator can do something about becomes two plain lines and status 1."""
    try:
        run()
    except EstConsoleError as error:
        click.echo(f"estconsole: {error.title}", err=True)
        click.echo(f"  {error.hint}", err=True)
        sys.exit(1)


_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def _log_to(stream: Any) -> None:
    logging.basicConfig(level=logging.WARNING, stream=stream, format=_FORMAT)


def _log_to_file(location: Path) -> None:
    """The console owns the screen, so its log goes beside the data: 1 MiB and one older file."""
    handler = RotatingFileHandler(location / data_directory.LOG, maxBytes=1024 * 1024, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
