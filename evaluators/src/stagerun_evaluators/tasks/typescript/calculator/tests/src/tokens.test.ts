import { tokens } from './tokens';

describe('tokens', () => {
  it('reads numbers and signs', () => {
    expect(tokens('1 + 23.5')).toEqual([
      { kind: 'number', value: 1 },
      { kind: 'sign', value: '+' },
      { kind: 'number', value: 23.5 },
    ]);
  });
  it('has none for spaces', () => {
    expect(tokens('  ')).toEqual([]);
  });
  it('says where it cannot go on', () => {
    expect(() => tokens('1 + a')).toThrow(new SyntaxError('unexpected a at 4'));
    expect(() => tokens('1.')).toThrow(SyntaxError);
  });
});
