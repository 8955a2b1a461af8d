const SECONDS: Record<string, number> = { d: 86400, h: 3600, m: 60, s: 1 };

export function parseDuration(text: string): number {
  const bad = new RangeError(`bad duration: ${text}`);
  let rest = text.trim().toLowerCase();
  let last = Infinity;
  let total = 0;
  if (rest === '') throw bad;
  while (rest !== '') {
    const part = /^(\d+)([dhms])\s*/.exec(rest);
    if (part === null || SECONDS[part[2]] >= last) throw bad;
    last = SECONDS[part[2]];
    total += Number(part[1]) * last;
    rest = rest.slice(part[0].length);
  }
  return total;
}
