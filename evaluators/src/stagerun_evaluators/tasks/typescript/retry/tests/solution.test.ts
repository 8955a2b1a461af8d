import { retry } from './solution';

function failing(times: number): jest.Mock<Promise<string>, [number]> {
  return jest.fn((attempt: number) => (attempt <= times ? Promise.reject(new Error(`no ${attempt}`)) : Promise.resolve(`yes ${attempt}`)));
}

describe('retry', () => {
  it('gives the first value', async () => {
    const work = failing(0);
    await expect(retry(work, { attempts: 3 })).resolves.toBe('yes 1');
    expect(work).toHaveBeenCalledTimes(1);
  });
  it('tries again', async () => {
    const work = failing(2);
    await expect(retry(work, { attempts: 3 })).resolves.toBe('yes 3');
    expect(work.mock.calls).toEqual([[1], [2], [3]]);
  });
  it('gives up with the last error', async () => {
    const work = failing(9);
    await expect(retry(work, { attempts: 2 })).rejects.toThrow('no 2');
    expect(work).toHaveBeenCalledTimes(2);
  });
  it('gives up at once when it is told to', async () => {
    const work = failing(9);
    const retryIf = (error: unknown): boolean => !(error as Error).message.includes('2');
    await expect(retry(work, { attempts: 5, retryIf })).rejects.toThrow('no 2');
    expect(work).toHaveBeenCalledTimes(2);
  });
  it('takes a throw for a failure', async () => {
    const work = jest.fn((attempt: number): Promise<number> => {
      if (attempt === 1) throw new Error('at once');
      return Promise.resolve(attempt);
    });
    await expect(retry(work, { attempts: 2 })).resolves.toBe(2);
  });
  it('refuses no attempts', async () => {
    const work = failing(0);
    await expect(retry(work, { attempts: 0 })).rejects.toThrow(RangeError);
    expect(work).not.toHaveBeenCalled();
  });
});

describe('the waits of retry', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('double each time', async () => {
    const work = failing(9);
    const given = retry(work, { attempts: 4, delay: 100 }).catch((error: Error) => error.message);
    await jest.advanceTimersByTimeAsync(99);
    expect(work).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(199);
    expect(work).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(1 + 400);
    expect(work).toHaveBeenCalledTimes(4);
    expect(await given).toBe('no 4');
  });
  it('are none after the last attempt', async () => {
    const given = retry(failing(9), { attempts: 1, delay: 1000 }).catch((error: Error) => error.message);
    await jest.advanceTimersByTimeAsync(0);
    expect(await given).toBe('no 1');
    expect(jest.getTimerCount()).toBe(0);
  });
});
