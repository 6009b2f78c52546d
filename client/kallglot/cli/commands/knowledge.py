"""kallglot knowledge create|add|list|show|delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kallglot.cli.commands.sessions import add_limit, limited, page_size
from kallglot.cli.context import Context
from kallglot.cli.problems import Failed
from kallglot.cli.screen import Column

if TYPE_CHECKING:
    from kallglot import Document
    from kallglot.cli.arguments import Commands

_BASE = (
    Column("base", lambda b: b.id, "bold"),
    Column("name", lambda b: b.name),
    Column("language", lambda b: b.language),
    Column("status", lambda b: b.status),
    Column("documents", lambda b: b.document_count, right=True),
    Column("passages", lambda b: b.passage_count, right=True),
    Column("created (UTC)", lambda b: b.created_at, "dim"),
)
_DOCUMENT = (
    Column("document", lambda d: d.id, "bold"),
    Column("name", lambda d: d.name),
    Column("status", lambda d: d.status),
    Column("passages", lambda d: d.passage_count, right=True),
    Column("error", lambda d: d.error),
    Column("bytes", lambda d: d.size, right=True),
    Column("created (UTC)", lambda d: d.created_at, "dim"),
)


def add_to(commands: Commands) -> None:
    commands.noun("knowledge", "what agents may look up: knowledge bases and their documents")
    create = commands.add("knowledge create", _create, "make an empty knowledge base")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--language", help="what its documents are written in, as in en; left out, it is guessed")
    add = commands.add("knowledge add", _add, "add files: .md, .txt or .pdf, up to 10 MiB each")
    add.add_argument("base", metavar="BASE")
    add.add_argument("files", metavar="FILE", nargs="+", type=Path)
    add.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="for each to be read (60); 0: do not")
    add_limit(commands.add("knowledge list", _list, "list the knowledge bases, newest first"))
    show = commands.add("knowledge show", _show, "the documents of a knowledge base, newest first")
    show.add_argument("base", metavar="BASE")
    add_limit(show)
    delete = commands.add("knowledge delete", _delete, "delete a knowledge base, or one document of it")
    delete.add_argument("base", metavar="BASE")
    delete.add_argument("document", metavar="DOCUMENT", nargs="?")


def _create(context: Context) -> None:
    with context.client() as client:
        made = client.knowledge_bases.create(name=context.options.name, language=context.options.language)
    context.screen.record(made, _BASE)


def _add(context: Context) -> None:
    """One after the other; each is told as soon as it is over. Fails when one could not be read."""
    options = context.options
    over: list[Document] = []
    with context.client() as client:
        for number, file in enumerate(options.files, start=1):
            context.screen.note(f"{number} of {len(options.files)}: {file.name}")
            document = client.knowledge_bases.add_document(options.base, file)
            if options.wait > 0:
                document = client.knowledge_bases.wait_until_read(options.base, document.id, timeout_s=options.wait)
            over.append(document)
    context.screen.table(over, _DOCUMENT, "no files")
    if broken := [document.name for document in over if document.status == "failed"]:
        raise Failed(f"could not be read: {', '.join(broken)}")


def _list(context: Context) -> None:
    with context.client() as client:
        found = client.knowledge_bases.list(limit=page_size(context.options))
        context.screen.table(limited(context.options, found), _BASE, "no knowledge bases")


def _show(context: Context) -> None:
    with context.client() as client:
        found = client.knowledge_bases.documents(context.options.base, limit=page_size(context.options))
        context.screen.table(limited(context.options, found), _DOCUMENT, "no documents")


def _delete(context: Context) -> None:
    base, document = context.options.base, context.options.document
    with context.client() as client:
        bases = client.knowledge_bases
        gone = bases.delete_document(base, document) if document else bases.delete(base)
    context.screen.record(gone, (Column("deleted", lambda d: d.id),))
