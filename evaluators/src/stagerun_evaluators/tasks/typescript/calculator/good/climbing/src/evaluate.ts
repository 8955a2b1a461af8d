import { type Token, tokens } from './tokens';

const BINDING: Record<string, number> = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 };
const NEGATION = 3;

export function evaluate(text: string): number {
  const rest = tokens(text).reverse();
  const value = expression(rest, 0);
  if (rest.length > 0) throw new SyntaxError(`${rest.at(-1)?.value} is too much`);
  return value;
}

function expression(rest: Token[], least: number): number {
  let left = operand(rest);
  for (let sign = next(rest); sign !== undefined && BINDING[sign] >= least; sign = next(rest)) {
    rest.pop();
    const right = sign === '^' ? expression(rest, NEGATION) : expression(rest, BINDING[sign] + 1);
    left = applied(sign, left, right);
  }
  return left;
}

function operand(rest: Token[]): number {
  const token = rest.pop();
  if (token?.kind === 'number') return token.value;
  if (token?.value === '-') return -expression(rest, NEGATION);
  if (token?.value !== '(') throw new SyntaxError('a number is missing');
  const value = expression(rest, 0);
  if (rest.pop()?.value !== ')') throw new SyntaxError('a bracket is not closed');
  return value;
}

function next(rest: Token[]): string | undefined {
  const token = rest.at(-1);
  return token?.kind === 'sign' && token.value in BINDING ? token.value : undefined;
}

function applied(sign: string, left: number, right: number): number {
  if (sign === '+') return left + right;
  if (sign === '-') return left - right;
  if (sign === '*') return left * right;
  return sign === '/' ? left / right : left ** right;
}
