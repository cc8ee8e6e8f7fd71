"""Lets links between pages lead to chapters of the book.

On a forge a page links to `../templates/network/README.md`. In the book that file is the chapter that includes it. Links to
files that are no chapters lose their target: there is nothing in the book to lead to.
"""

import json
import posixpath
import re
import sys

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")
INCLUDE = re.compile(r"\{\{#include ([^}\s]+)\}\}")


def chapters(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            yield chapter
            yield from chapters(chapter["sub_items"])


def source(root, path):
    """The file in the repository that a chapter shows: its own, or the one it includes."""
    with open(posixpath.join(root, path), encoding="utf-8") as file:
        found = INCLUDE.fullmatch(file.read().strip())
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1])) if found else path


def main():
    context, book = json.load(sys.stdin)
    root = posixpath.join(context["root"], context["config"]["book"]["src"])
    pages = [chapter for chapter in chapters(book.get("items") or book.get("sections")) if chapter.get("path")]
    shown = {source(root, page["path"]): page["path"] for page in pages}

    for page in pages:
        at, here = posixpath.dirname(source(root, page["path"])), posixpath.dirname(page["path"])

        def lead(found):
            text, target, anchor = found[1], found[2], found[3] or ""
            chapter = shown.get(posixpath.normpath(posixpath.join(at, target)))
            return f"[{text}]({posixpath.relpath(chapter, here or '.')}{anchor})" if chapter else text

        page["content"] = LINK.sub(lead, page["content"])
    json.dump(book, sys.stdout)


if __name__ == "__main__" and sys.argv[1:2] != ["supports"]:
    main()
