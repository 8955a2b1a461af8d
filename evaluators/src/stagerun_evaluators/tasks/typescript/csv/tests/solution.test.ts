import { parseCsv } from './solution';

describe('parseCsv', () => {
  it('reads rows and fields', () => {
    expect(parseCsv('a,b\n1,2')).toEqual([['a', 'b'], ['1', '2']]);
  });
  it('has no row for a line end at the end', () => {
    expect(parseCsv('a\r\nb\r\n')).toEqual([['a'], ['b']]);
  });
  it('has no rows for nothing', () => {
    expect(parseCsv('')).toEqual([]);
  });
  it('keeps empty fields and spaces', () => {
    expect(parseCsv(',a ,\n')).toEqual([['', 'a ', '']]);
  });
  it('keeps empty lines between rows as one empty field', () => {
    expect(parseCsv('a\n\nb')).toEqual([['a'], [''], ['b']]);
  });
  it('reads quoted fields', () => {
    expect(parseCsv('"a,b",c')).toEqual([['a,b', 'c']]);
  });
  it('reads line ends and quotes in quoted fields', () => {
    expect(parseCsv('"one\ntwo","say ""hi"" now"')).toEqual([['one\ntwo', 'say "hi" now']]);
  });
  it('reads an empty quoted field at the end', () => {
    expect(parseCsv('a,""')).toEqual([['a', '']]);
  });
  it('refuses a quote that is never closed', () => {
    expect(() => parseCsv('a,"b')).toThrow(SyntaxError);
  });
  it('refuses text after a closing quote', () => {
    expect(() => parseCsv('"a"b,c')).toThrow(SyntaxError);
  });
});
