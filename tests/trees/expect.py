#!/usr/bin/python3
"""Write expected.dat: the tree html5lib makes of each case in cases.dat.

The oracle for the tree of "parser": "html5": another program, the same
standard.  Cases are what stands between lines "#data"; html5lib-tests' format
is written, with these differences, which are those of the tree itself: names
of SVG and MathML bear no "svg " or "math " before them, attributes of a
namespace are written as prefix:name, and the document type is put first.
html5lib 1.1 knows no <template>: no case has one.
Needs Debian's python3-html5lib.  Usage: expect.py [DIR]
"""
import pathlib, re, sys
import html5lib
from html5lib import constants, treewalkers

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)


def attribute(key):
    namespace, name = key
    prefix = constants.prefixes.get(namespace) if namespace else None
    return f"{prefix}:{name}" if prefix and prefix != name else name


def doctype(token):
    ids = [token["publicId"] or "", token["systemId"] or ""]
    more = f' "{ids[0]}" "{ids[1]}"' if any(ids) else ""
    return f'<!DOCTYPE {token["name"] or ""}{more}>'


def dump(tree):
    first, lines, depth, text = [], [], 0, ""
    for token in treewalkers.getTreeWalker("dom")(tree):
        kind, pad = token["type"], "| " + "  " * depth
        if kind in ("Characters", "SpaceCharacters"):
            text += token["data"]
            continue
        if text:
            lines.append(f'{pad}"{text}"')
            text = ""
        if kind == "Doctype":
            first.append(pad + doctype(token))
        elif kind == "Comment":
            lines.append(f'{pad}<!-- {token["data"]} -->')
        elif kind in ("StartTag", "EmptyTag"):
            lines.append(f'{pad}<{token["name"]}>')
            named = sorted((attribute(k), v) for k, v in token["data"].items())
            lines += [f'{pad}  {k}="{v}"' for k, v in named]
            depth += kind == "StartTag"
        elif kind == "EndTag":
            depth -= 1
    return first + lines


def main():
    cases = re.split(r"^#data\n", (ROOT / "cases.dat").read_text(), flags=re.M)[1:]
    with (ROOT / "expected.dat").open("w") as sink:
        for case in (c.rstrip("\n") for c in cases):
            tree = html5lib.parse(case, treebuilder="dom")
            sink.write("\n".join(["#data", case, "#document"] + dump(tree)) + "\n\n")


main()
