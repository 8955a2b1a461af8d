def split(line):
    fields, field, inside = [], "", False
    for sign in line:
        if sign == '"':
            inside = not inside
        elif sign == "," and not inside:
            fields.append(field)
            field = ""
        else:
            field += sign
    return [*fields, field]
