export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [value, next] = text[at] === '"' ? quoted(text, at) : plain(text, at);
    row.push(value);
    at = next;
    const end = /^\r?\n/.exec(text.slice(at, at + 2));
    if (at >= text.length || end) {
      rows.push(row);
      row = [];
      at += end ? end[0].length : 1;
    } else {
      at += 1;
      if (at === text.length) {
        row.push('');
        rows.push(row);
      }
    }
  }
  return rows;
}

function plain(text: string, start: number): [string, number] {
  const found = /^[^,\r\n]*(?:\r(?!\n)[^,\r\n]*)*/.exec(text.slice(start));
  const value = found ? found[0] : '';
  return [value, start + value.length];
}

function quoted(text: string, start: number): [string, number] {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') value += text[at];
    else if (text[at + 1] === '"') value += text[at++];
    else {
      if (!/^(?:$|,|\r?\n)/.test(text.slice(at + 1, at + 3))) throw new SyntaxError(`text after a quote at ${at}`);
      return [value, at + 1];
    }
  }
  throw new SyntaxError(`a quote at ${start} is never closed`);
}
