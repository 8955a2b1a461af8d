export type Token = { kind: 'number'; value: number } | { kind: 'sign'; value: string };

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const number = /^\d+(?:\.\d+)?/.exec(rest);
    if (number) {
      found.push({ kind: 'number', value: Number(number[0]) });
      at += number[0].length;
    } else if ('+-*/^()'.includes(rest[0])) {
      found.push({ kind: 'sign', value: rest[0] });
      at++;
    } else if (/\s/.test(rest[0])) at++;
    else throw new SyntaxError(`unexpected ${rest[0]} at ${at}`);
  }
  return found;
}
