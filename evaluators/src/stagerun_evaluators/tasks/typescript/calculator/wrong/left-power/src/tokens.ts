export type Token = { kind: 'number'; value: number } | { kind: 'sign'; value: string };

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    const number = /^\d+(?:\.\d+)?/.exec(text.slice(at));
    if (number) {
      found.push({ kind: 'number', value: Number(number[0]) });
      at += number[0].length - 1;
    } else if ('+-*/^()'.includes(text[at])) found.push({ kind: 'sign', value: text[at] });
    else if (text[at] !== ' ') throw new SyntaxError(`unexpected ${text[at]} at ${at}`);
  }
  return found;
}
