export type Token = { kind: 'number'; value: number } | { kind: 'sign'; value: string };

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = /\s*(?:(\d+(?:\.\d+)?)|([-+*/^()])|(\S))/gy;
  for (const match of text.matchAll(pattern)) {
    const [whole, number, sign, other] = match;
    if (other !== undefined) throw new SyntaxError(`unexpected ${other} at ${match.index + whole.length - 1}`);
    found.push(number === undefined ? { kind: 'sign', value: sign } : { kind: 'number', value: Number(number) });
  }
  return found;
}
