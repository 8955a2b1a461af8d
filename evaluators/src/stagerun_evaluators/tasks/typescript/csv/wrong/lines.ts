export function parseCsv(text: string): string[][] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    const fields: string[] = [];
    let field = '';
    let inside = false;
    for (let at = 0; at < line.length; at++) {
      if (line[at] === '"') {
        if (inside && line[at + 1] === '"') field += line[at++];
        else inside = !inside;
      } else if (line[at] === ',' && !inside) {
        fields.push(field);
        field = '';
      } else field += line[at];
    }
    return [...fields, field];
  });
}
