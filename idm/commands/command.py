"""The command class that all commands share: examples in the help, `--json`, and groups that load a command when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import click

from idm.commands.answer import Answer, emit

CONTEXT = {"help_option_names": ["--help", "-h"], "max_content_width": 110}


class IdmCommand(click.Command):
    """A command with examples and `--json`. What its function answers is printed, and its exit code becomes the process's."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), exits: Mapping[int, str] | None = None, **kwargs: Any) -> None:
        """`examples`: whole command lines. `exits`: what each exit code beside 0, 1 and 2 means here."""
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.exits = dict(exits or {})
        self.context_settings = {**CONTEXT, **self.context_settings}
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print the answer as one JSON document."))

    def invoke(self, ctx: click.Context) -> int:
        """Run the command, print its answer, and answer its exit code."""
        as_json = ctx.params.pop("as_json")
        ctx.obj = {"json": as_json}
        answer = super().invoke(ctx)
        if not isinstance(answer, Answer):
            return 0
        emit(answer, as_json=as_json)
        return answer.exit_code

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each as it would be typed, and what the exit codes mean."""
        _write_examples(self.examples, formatter)
        if self.exits:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(code), meaning) for code, meaning in sorted(self.exits.items())])


class IdmGroup(click.Group):
    """A group of commands. Those in `lazy` (name -> module and short help) are imported when they are called."""

    command_class = IdmCommand

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, examples: Sequence[str] = (), **kwargs: Any) -> None:
        """`lazy`: name -> (module that defines a command of that name, the short help that the list shows)."""
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy or {})
        self.examples = tuple(examples)
        self.context_settings = {**CONTEXT, **self.context_settings}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were declared: the order of use."""
        return [*self.lazy, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now if it wasn't."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(self.lazy[cmd_name][0])
        return cast(click.Command, getattr(module, cmd_name.replace("-", "_")))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing those that are lazy."""
        rows = [(name, help) for name, (_, help) in self.lazy.items()]
        rows += [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        _write_examples(self.examples, formatter)

    def add(
        self, name: str, *, examples: Sequence[str], exits: Mapping[int, str] | None = None
    ) -> Callable[[Callable[..., Answer | None]], IdmCommand]:
        """Decorate a function as the command `name` of this group."""
        return cast(
            Callable[[Callable[..., Answer | None]], IdmCommand],
            self.command(name, cls=IdmCommand, examples=examples, exits=exits),
        )


def single(name: str, *, examples: Sequence[str], exits: Mapping[int, str] | None = None) -> Callable[[Callable[..., Any]], IdmCommand]:
    """Decorate a function as the command `name` that stands by itself, not in a group."""
    return cast(Callable[[Callable[..., Any]], IdmCommand], click.command(name, cls=IdmCommand, examples=examples, exits=exits))


def _write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def wants_json() -> bool:
    """Whether the command that runs was asked for JSON."""
    return bool(click.get_current_context().obj["json"])
