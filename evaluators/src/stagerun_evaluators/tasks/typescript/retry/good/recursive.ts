export interface Options {
  attempts: number;
  delay?: number;
  retryIf?: (error: unknown) => boolean;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function retry<T>(work: (attempt: number) => Promise<T>, options: Options): Promise<T> {
  if (!(options.attempts >= 1)) return Promise.reject(new RangeError(`attempts: ${options.attempts}`));

  const from = (attempt: number, wait: number): Promise<T> =>
    Promise.resolve()
      .then(() => work(attempt))
      .catch((error: unknown) => {
        const last = attempt >= options.attempts || options.retryIf?.(error) === false;
        if (last) throw error;
        return pause(wait).then(() => from(attempt + 1, wait * 2));
      });

  return from(1, options.delay ?? 0);
}
