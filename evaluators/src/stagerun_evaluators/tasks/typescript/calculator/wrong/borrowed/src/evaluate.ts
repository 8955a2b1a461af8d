export function evaluate(text: string): number {
  const compute = new Function(`return (${text});`) as () => number;
  return compute();
}
