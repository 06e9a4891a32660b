"""Read a WARC file as ISO 28500 says, strictly, with nothing of the gateway's.

usage: python3 warc.py FILE
Says a line for each record: TYPE URI LENGTH; exits 1 at what is wrong.
"""

import hashlib
import json
import re
import sys

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
URN = re.compile(
    r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}>")


def wrong(what):
    print(what)
    sys.exit(1)


def fields(head):
    found = {}
    for line in head.decode("utf-8").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[!#-'*+\-.0-9A-Z^-z|~]+", name):
            wrong(f"field {line!r}")
        if name.lower() in found and name.lower() != "warc-concurrent-to":
            wrong(f"field {name} twice")
        found[name.lower()] = value.strip()
    return found


def digest(value, data):
    name, _, digits = value.partition(":")
    if name != "sha256" or hashlib.sha256(data).hexdigest() != digits:
        wrong(f"digest {value}")


def response(field, block):
    head, blank, body = block.partition(b"\r\n\r\n")
    if not blank:
        wrong("response without an end of its head")
    status, _, rest = head.partition(b"\r\n")
    if not re.fullmatch(rb"HTTP/1\.1 [1-9]\d\d .*", status):
        wrong(f"status line {status!r}")
    http = {}
    for line in rest.split(b"\r\n") if rest else []:
        name, colon, value = line.partition(b":")
        if not colon or name != name.strip():
            wrong(f"HTTP field {line!r}")
        http[name.lower()] = value.strip()
    if b"transfer-encoding" in http or b"content-encoding" in http:
        wrong("a coding the body does not have")
    if int(http[b"content-length"]) != len(body):
        wrong("Content-Length of HTTP")
    digest(field["warc-payload-digest"], body)


def main(path):
    with open(path, "rb") as f:
        data = f.read()
    at, ids, refers = 0, set(), []
    while at < len(data):
        if not data.startswith(b"WARC/1.1\r\n", at):
            wrong(f"no version at {at}")
        end = data.find(b"\r\n\r\n", at)
        if end < 0:
            wrong(f"no end of the head at {at}")
        field = fields(data[at + 10:end])
        for name in ("warc-type", "warc-record-id", "warc-date",
                     "content-length"):
            if name not in field:
                wrong(f"no {name} at {at}")
        if at == 0 and field["warc-type"] != "warcinfo":
            wrong("no warcinfo first")
        if not DATE.fullmatch(field["warc-date"]):
            wrong(f"date {field['warc-date']}")
        if not URN.fullmatch(field["warc-record-id"]):
            wrong(f"id {field['warc-record-id']}")
        if field["warc-record-id"] in ids:
            wrong(f"id {field['warc-record-id']} twice")
        ids.add(field["warc-record-id"])
        length = int(field["content-length"])
        block = data[end + 4:end + 4 + length]
        at = end + 4 + length + 4
        if data[at - 4:at] != b"\r\n\r\n":
            wrong(f"no end of the record before {at}")
        digest(field["warc-block-digest"], block)
        if field["warc-type"] == "response":
            response(field, block)
        if field["warc-type"] == "metadata":
            json.loads(block)
        if "warc-concurrent-to" in field:
            refers.append(field["warc-concurrent-to"])
        print(field["warc-type"], field.get("warc-target-uri", "-"), length)
    for one in refers:
        if one not in ids:
            wrong(f"refers to {one}, which is not here")


main(sys.argv[1])
