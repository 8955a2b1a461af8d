import re

FIELD = re.compile(r'"((?:[^"]|"")*)"(?=,|$)|([^",][^,]*|)(?=,|$)')


def split(line):
    fields, at = [], 0
    while True:
        found = FIELD.match(line, at)
        if found is None:
            raise ValueError(f"no field at {at}")
        inner = found.group(1)
        fields.append(found.group(2) if inner is None else inner.replace('""', '"'))
        at = found.end() + 1
        if at > len(line):
            return fields
