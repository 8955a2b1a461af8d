const SECONDS: Record<string, number> = { d: 86400, h: 3600, m: 60, s: 1 };

export function parseDuration(text: string): number {
  if (!/^\s*(\d+[dhms]\s*)+$/i.test(text)) throw new RangeError(`bad duration: ${text}`);
  return [...text.toLowerCase().matchAll(/(\d+)([dhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit], 0);
}
