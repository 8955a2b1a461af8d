import { mean, median } from './stats';

export function summary(values: number[]): string {
  return `${values.length} values, mean ${mean(values).toFixed(2)}, median ${median(values).toFixed(2)}`;
}
