import { badRequest } from './errors.js';

/** A parsed label selector. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

type Requirement = LabelSelector;

const TOKEN = /\s*(?:(==|=|!=|!|<|>|\(|\)|,)|([^\s=!<>(),]+))\s*/y;

/**
 * Parses a label selector: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, `a<1`, joined by commas.
 *
 * @throws {@link StatusError} 400 for text that is none.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = new Parser(text).requirements();
  return (labels) => requirements.every((requirement) => requirement(labels));
}

class Parser {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (!match) break;
      this.#tokens.push(match[1] ?? match[2] ?? '');
    }
  }

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    while (this.#next < this.#tokens.length) {
      found.push(this.#requirement());
      const token = this.#take();
      if (token === undefined) break;
      if (token !== ',') throw this.#error(`found '${token}', expected: ',' or 'end of string'`);
      if (this.#next === this.#tokens.length) throw this.#error(`found '', expected: identifier after ','`);
    }
    return found;
  }

  #requirement(): Requirement {
    const first = this.#take();
    if (first === '!') {
      const key = this.#key();
      return (labels) => !Object.hasOwn(labels, key);
    }
    this.#next--;
    const key = this.#key();
    const operator = this.#tokens[this.#next];
    if (operator === undefined || operator === ',') return (labels) => Object.hasOwn(labels, key);
    this.#next++;
    switch (operator) {
      case '=':
      case '==': {
        const value = this.#value();
        return (labels) => labels[key] === value;
      }
      case '!=': {
        const value = this.#value();
        return (labels) => labels[key] !== value;
      }
      case '<':
      case '>':
        return comparison(key, operator, this.#integer());
      case 'in': {
        const values = this.#values();
        return (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? '');
      }
      case 'notin': {
        const values = this.#values();
        return (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key] ?? '');
      }
      default:
        throw this.#error(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #key(): string {
    const key = this.#take();
    if (key === undefined || !isQualifiedName(key)) {
      throw this.#error(`found '${key ?? ''}', expected: !, identifier, or 'end of string'`);
    }
    return key;
  }

  /** A value may be empty: `a=` and `a=,b`. */
  #value(): string {
    const token = this.#tokens[this.#next];
    if (token === undefined || token === ',') return '';
    this.#next++;
    if (!isLabelValue(token)) throw this.#error(`found '${token}', expected: identifier`);
    return token;
  }

  #integer(): number {
    const text = this.#value();
    if (!/^[-+]?\d+$/.test(text)) throw this.#error(`for 'Gt', 'Lt' operators, the value must be an integer`);
    return Number(text);
  }

  #values(): Set<string> {
    if (this.#take() !== '(') throw this.#error(`found '${this.#tokens[this.#next - 1] ?? ''}', expected: '('`);
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (token === ')') {
        if (values.size === 0) values.add('');
        return values;
      }
      if (token === ',') continue;
      if (token === undefined || !isLabelValue(token)) {
        throw this.#error(`found '${token ?? ''}', expected: ',', ')' or identifier`);
      }
      values.add(token);
    }
  }

  #take(): string | undefined {
    return this.#tokens[this.#next++];
  }

  #error(problem: string): Error {
    return badRequest(`unable to parse requirement: ${problem}`);
  }
}

function comparison(key: string, operator: '<' | '>', bound: number): Requirement {
  return (labels) => {
    const text = labels[key];
    if (text === undefined || !/^[-+]?\d+$/.test(text)) return false;
    return operator === '<' ? Number(text) < bound : Number(text) > bound;
  };
}

function isQualifiedName(text: string): boolean {
  return /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}

function isLabelValue(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}
