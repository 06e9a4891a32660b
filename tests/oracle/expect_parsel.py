#!/usr/bin/python3
"""Print what parsel makes of pages under a rule set, a JSON object a line.

The oracle for CSS selectors and for EXSLT's functions: another program, on
libxml2's parser too.  Selectors are parsel's, a bare one is CSS; what of a match is the value is as docs/rules.md says: the string
value with runs of [ \\t\\r\\n] made one space and both ends trimmed; no match is
null, of a list [].  A page is UTF-8; one whose name ends with .gz is unpacked.
Needs Debian's python3-parsel; without it the status is 77.
Usage: expect_parsel.py RULES PAGE...
"""
import gzip, json, pathlib, re, sys

try:
    from parsel import Selector
except ImportError:
    sys.exit(77)

SPACES = {"str": "http://exslt.org/strings"}     # parsel knows re and set
SELECTS = ("css", "xpath", "first")


def value(found, rule):
    root = found.root
    attr = rule.get("attr")
    if attr is not None:
        return text(root.get(attr)) if root.get(attr) is not None else None
    if rule.get("get") == "html":
        return found.get()
    if isinstance(root, bool):
        return root
    if isinstance(root, float):
        return int(root) if root.is_integer() else root
    return text(root if isinstance(root, str) else root.xpath("string()"))


def text(value):
    return re.sub(r"[ \t\r\n]+", " ", str(value)).strip(" ")


def selectors(rule):
    """Of a rule, its fallbacks in order: pairs of a language and a selector."""
    if isinstance(rule, str):
        return [("css", rule)]
    way = next(key for key in SELECTS if key in rule)
    many = rule[way] if isinstance(rule[way], list) else [rule[way]]
    if way == "first":
        return [pair for one in many for pair in selectors(one)]
    return [(way, one) for one in many]


def matches(at, rule):
    """What the first selector that matches has matched."""
    for language, selector in selectors(rule):
        found = getattr(at, language)(selector)
        if found:
            return found
    return []


def one(at, rule):
    found = matches(at, rule)
    rule = {} if isinstance(rule, str) else rule
    if rule.get("get") == "count":
        return len(found)
    if rule.get("get") == "exists":
        return bool(found)
    return value(found[0], rule) if found else None


def every(at, rules):
    """Of a list of selectors, the first that matches."""
    for rule in rules:
        found = matches(at, rule)
        if found:
            rule = {} if isinstance(rule, str) else rule
            return [value(each, rule) for each in found]
    return []


def extract(at, fields):
    out = {}
    for name, rule in fields.items():
        if isinstance(rule, list):
            out[name] = every(at, rule)
        elif "each" in rule and isinstance(rule, dict):
            found = matches(at, rule["each"])[:rule.get("max")]
            out[name] = [extract(each, rule["fields"]) for each in found]
        else:
            out[name] = one(at, rule)
    return out


def main():
    rules = json.loads(pathlib.Path(sys.argv[1]).read_text())["fields"]
    for path in map(pathlib.Path, sys.argv[2:]):
        body = path.read_bytes()
        body = gzip.decompress(body) if path.suffix == ".gz" else body
        page = Selector(text=body.decode("utf-8", "replace"), namespaces=SPACES)
        data = extract(page, rules)
        print(json.dumps({"page": str(path), "data": data}))


main()
