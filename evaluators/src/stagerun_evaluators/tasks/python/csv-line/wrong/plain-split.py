def split(line):
    return [field.strip('"') for field in line.split(",")]
