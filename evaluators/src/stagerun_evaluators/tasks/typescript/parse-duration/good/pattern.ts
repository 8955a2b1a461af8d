const PARTS = /^\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?\s*$/i;

export function parseDuration(text: string): number {
  const found = PARTS.exec(text);
  if (found === null || text.trim() === '') throw new RangeError(`bad duration: ${text}`);
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
