import { tokens } from './tokens';

export function evaluate(text: string): number {
  const list = tokens(text);
  let at = 0;
  const takes = (sign: string): boolean => {
    const token = list[at];
    if (token?.kind !== 'sign' || token.value !== sign) return false;
    at++;
    return true;
  };
  const atom = (): number => {
    if (takes('-')) return -atom();
    if (takes('(')) {
      const value = sum();
      if (!takes(')')) throw new SyntaxError('a bracket is not closed');
      return value;
    }
    const token = list[at++];
    if (token?.kind !== 'number') throw new SyntaxError('a number is missing');
    return token.value;
  };
  const power = (): number => {
    let value = atom();
    while (takes('^')) value **= atom();
    return value;
  };
  const product = (): number => {
    let value = power();
    for (;;) {
      if (takes('*')) value *= power();
      else if (takes('/')) value /= power();
      else return value;
    }
  };
  const sum = (): number => {
    let value = product();
    for (;;) {
      if (takes('+')) value += product();
      else if (takes('-')) value -= product();
      else return value;
    }
  };
  const value = sum();
  if (at < list.length) throw new SyntaxError('text after the expression');
  return value;
}
