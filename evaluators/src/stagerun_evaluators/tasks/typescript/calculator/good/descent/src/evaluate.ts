import { tokens } from './tokens';
import type { Token } from './tokens';

export function evaluate(text: string): number {
  const parser = new Parser(tokens(text));
  const value = parser.sum();
  if (!parser.ended) throw new SyntaxError('text after the expression');
  return value;
}

class Parser {
  private at = 0;

  constructor(private readonly list: readonly Token[]) {}

  get ended(): boolean {
    return this.at === this.list.length;
  }

  sum(): number {
    let value = this.product();
    for (;;) {
      if (this.takes('+')) value += this.product();
      else if (this.takes('-')) value -= this.product();
      else return value;
    }
  }

  private product(): number {
    let value = this.negated();
    for (;;) {
      if (this.takes('*')) value *= this.negated();
      else if (this.takes('/')) value /= this.negated();
      else return value;
    }
  }

  private negated(): number {
    return this.takes('-') ? -this.negated() : this.power();
  }

  private power(): number {
    const base = this.atom();
    return this.takes('^') ? base ** this.negated() : base;
  }

  private atom(): number {
    if (this.takes('(')) {
      const value = this.sum();
      if (!this.takes(')')) throw new SyntaxError('a bracket is not closed');
      return value;
    }
    const token = this.list[this.at++];
    if (token?.kind !== 'number') throw new SyntaxError('a number is missing');
    return token.value;
  }

  private takes(sign: string): boolean {
    const token = this.list[this.at];
    if (token?.kind !== 'sign' || token.value !== sign) return false;
    this.at++;
    return true;
  }
}
