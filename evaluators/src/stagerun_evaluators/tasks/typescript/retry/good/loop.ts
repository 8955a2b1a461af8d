export interface Options {
  attempts: number;
  delay?: number;
  retryIf?: (error: unknown) => boolean;
}

export async function retry<T>(work: (attempt: number) => Promise<T>, options: Options): Promise<T> {
  const { attempts, delay = 0, retryIf = () => true } = options;
  if (attempts < 1) throw new RangeError('at least one attempt');
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts || !retryIf(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, delay * 2 ** (attempt - 1)));
  }
}
