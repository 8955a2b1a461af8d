export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: number[]): number {
  const sorted = values.sort();
  return sorted[Math.floor(sorted.length / 2)];
}
