export function parseDuration(text: string): number {
  const units: Record<string, number> = { d: 86400, h: 3600, m: 60, s: 1 };
  let total = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([dhms])/g)) total += Number(count) * units[unit];
  return total;
}
