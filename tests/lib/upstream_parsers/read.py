#!/usr/bin/env python3
"""Reads the requests of a file as applications in Python do, and tells where they find something else than test_upstream_parsers says."""
import email.parser
import email.policy
import io
import json
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        import cgi
    except ImportError:  # gone in Python 3.13
        cgi = None


def names(spelled, wanted):
    """As parsers compare names: by their bytes, or folded in one way or another; C's end at a zero byte."""
    for name in (spelled, spelled.split("\0")[0]):
        if wanted in (name, name.lower(), name.casefold()) or name.upper() == wanted.upper():
            return True
    return False


def last(pairs, wanted, otherwise=None):
    found = [value for name, value in pairs if names(name, wanted) and value is not None]
    return found[-1] if found else otherwise


def read_json(body):
    pairs = json.loads(body, object_pairs_hook=lambda pairs: pairs)
    return [last(pairs, "model"), last(pairs, "max_tokens"), last(pairs, "n", 1)]


def read_form_as_mail(content_type, body):
    message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    models = []
    for part in message.get_payload() if message.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")
        name = email.utils.collapse_rfc2231_value(name) if name is not None else ""
        if names(name, "model"):
            models.append(part.get_payload(decode=True))
    return models


def read_form_as_cgi(content_type, body):
    environment = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type.decode("latin-1"), "CONTENT_LENGTH": str(len(body))}
    form = cgi.FieldStorage(fp=io.BytesIO(body), environ=environment, keep_blank_values=True)
    models = [field.value for field in form.list or [] if names(field.name or "", "model")]
    return [model.encode() if isinstance(model, str) else model for model in models]


def look(kind, content_type, body, expected, readers):
    if kind == "json":
        try:
            read = read_json(body)
        except (ValueError, RecursionError):
            return
        if read != expected:
            print(f"json: {read}, not {expected}: {body!r}")
        return
    for reader in readers:
        try:
            models = reader(content_type, body)
        except Exception:  # what it cannot read it does not read in another way
            continue
        if [model.decode() for model in models[-1:]] != ([expected[0]] if expected[0] is not None else []):
            print(f"{reader.__name__}: {models}, not {expected[0]!r}: {body!r}")


def main():
    readers = [read_form_as_mail] + ([read_form_as_cgi] if cgi else [])
    for line in open(sys.argv[1], encoding="ascii"):
        kind, content_type, body, model, most, answers = line.rstrip("\n").split("\t")
        number = lambda text: int(text) if text != "-" else None
        expected = [bytes.fromhex(model).decode() if model != "-" else None, number(most), number(answers)]
        look(kind, bytes.fromhex(content_type), bytes.fromhex(body), expected, readers)


main()
