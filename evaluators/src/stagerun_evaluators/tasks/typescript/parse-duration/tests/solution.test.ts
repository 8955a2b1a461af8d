import { parseDuration } from './solution';

describe('parseDuration', () => {
  it.each([
    ['45s', 45],
    ['1h 30m', 5400],
    ['2d4h', 187200],
    ['  1D 1H 1M 1S ', 90061],
    ['0s', 0],
  ])('reads %j', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });
  it.each(['', '  ', '5', 'h', '1h1h', '5s 1m', '1.5h', '-1s', '1h30', '1 h'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });
  it('says which text is bad', () => {
    expect(() => parseDuration(' soon ')).toThrow('bad duration:  soon ');
  });
});
