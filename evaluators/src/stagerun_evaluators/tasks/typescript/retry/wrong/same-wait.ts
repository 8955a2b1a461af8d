export interface Options {
  attempts: number;
  delay?: number;
  retryIf?: (error: unknown) => boolean;
}

export async function retry<T>(work: (attempt: number) => Promise<T>, options: Options): Promise<T> {
  if (options.attempts < 1) throw new RangeError('at least one attempt');
  let last: unknown;
  for (let attempt = 1; attempt <= options.attempts; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (options.retryIf && !options.retryIf(error)) throw error;
      last = error;
      await new Promise((resolve) => setTimeout(resolve, options.delay ?? 0));
    }
  }
  throw last;
}
