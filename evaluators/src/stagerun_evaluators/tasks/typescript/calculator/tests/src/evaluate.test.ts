import { evaluate } from './evaluate';

describe('evaluate', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['8 - 3 - 2', 3],
    ['16 / 4 / 2', 2],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['--3', 3],
    ['2 * -3', -6],
    ['1 / 0', Infinity],
  ])('%s is %d', (text, value) => {
    expect(evaluate(text)).toBe(value);
  });
  it.each(['', '1 +', '(1', '1)', '1 2', '* 2', '()'])('refuses %j', (text) => {
    expect(() => evaluate(text)).toThrow(SyntaxError);
  });
});
