export function parseCsv(text: string): string[][] {
  const source = text.replaceAll('\r\n', '\n');
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const endField = (): void => {
    row.push(field);
    field = '';
    state = 'start';
  };
  const endRow = (): void => {
    endField();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    if (state === 'quoted') {
      if (sign !== '"') field += sign;
      else if (source[at + 1] === '"') {
        field += '"';
        at++;
      } else state = 'closed';
    } else if (sign === ',') endField();
    else if (sign === '\n') endRow();
    else if (state === 'closed') throw new SyntaxError('text after a closing quote');
    else if (state === 'start' && sign === '"') state = 'quoted';
    else {
      field += sign;
      state = 'plain';
    }
  }
  if (state === 'quoted') throw new SyntaxError('a quote is never closed');
  if (state !== 'start' || field !== '' || row.length > 0) endRow();
  return rows;
}
