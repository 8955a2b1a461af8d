import { mean, median } from './stats';

export function summary(values: readonly number[]): string {
  if (values.length === 0) return 'no values';
  return `${values.length} values, mean ${mean(values).toFixed(2)}, median ${median(values).toFixed(2)}`;
}
