export interface Options {
  attempts: number;
  delay?: number;
  retryIf?: (error: unknown) => boolean;
}

export async function retry<T>(work: (attempt: number) => Promise<T>, options: Options): Promise<T> {
  let first: unknown;
  for (let attempt = 1; attempt <= Math.max(1, options.attempts); attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      first ??= error;
    }
    if (attempt < options.attempts) await new Promise((resolve) => setTimeout(resolve, (options.delay ?? 0) * 2 ** (attempt - 1)));
  }
  throw first;
}
