export type Token = { kind: 'number'; value: number } | { kind: 'sign'; value: string };

export function tokens(text: string): Token[] {
  return (text.match(/\d+(?:\.\d+)?|[-+*/^()]/g) ?? []).map((found) =>
    /\d/.test(found) ? { kind: 'number', value: Number(found) } : { kind: 'sign', value: found },
  );
}
