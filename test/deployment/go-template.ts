/*
 * The part of Go's text/template that our chart is written in, so that it is rendered in every test run; that Helm's own
 * engine renders the same is a test, too.
 * https://pkg.go.dev/text/template
 */

/** What a template computes with: JSON values, and nothing. */
export type Value = unknown;
export type TemplateFunction = (...args: readonly Value[]) => Value;

/** Templates by name, and the functions they call. */
export class GoTemplates {
  readonly #defined = new Map<string, readonly Node[]>();
  readonly #functions: Readonly<Record<string, TemplateFunction>>;

  constructor(functions: Readonly<Record<string, TemplateFunction>>) {
    this.#functions = {
      ...functions,
      include: (name, dot) => this.render(String(name), dot),
    };
  }

  /** Takes in a text: what it defines, and itself by its name. */
  add(name: string, text: string): void {
    const nodes = new Parser(tokenize(text)).block();
    this.#defined.set(name, nodes);
    for (const node of nodes) if (node.kind === 'define') this.#defined.set(node.name, node.body);
  }

  render(name: string, dot: Value): string {
    const nodes = this.#defined.get(name);
    if (nodes === undefined) throw new Error(`no template "${name}"`);
    return this.#run(nodes, dot, new Scope(undefined, new Map([['$', dot]])));
  }

  #run(nodes: readonly Node[], dot: Value, scope: Scope): string {
    return nodes.map((node) => this.#output(node, dot, scope)).join('');
  }

  #output(node: Node, dot: Value, scope: Scope): string {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'define':
        return '';
      case 'assign':
        scope.set(node.name, this.#value(node.value, dot, scope), node.isNew);
        return '';
      case 'print':
        return print(this.#value(node.value, dot, scope));
      case 'if':
      case 'with': {
        const value = this.#value(node.value, dot, scope);
        const inner = new Scope(scope);
        if (!isTrue(value)) return this.#run(node.otherwise, dot, inner);
        return this.#run(node.body, node.kind === 'with' ? value : dot, inner);
      }
      case 'range': {
        const entries = entriesOf(this.#value(node.value, dot, scope));
        if (entries.length === 0) return this.#run(node.otherwise, dot, new Scope(scope));
        const [first, second] = node.names;
        const rounds = entries.map(([key, value]) => {
          const inner = new Scope(scope);
          if (first !== undefined) inner.set(first, second === undefined ? value : key, true);
          if (second !== undefined) inner.set(second, value, true);
          return this.#run(node.body, value, inner);
        });
        return rounds.join('');
      }
    }
  }

  #value(expression: Expression, dot: Value, scope: Scope): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'dot':
        return dot;
      case 'variable':
        return scope.get(expression.name);
      case 'field':
        return fieldOf(this.#value(expression.of, dot, scope), expression.name);
      case 'call': {
        const { name, args } = expression;
        // They look no further than they must.
        if (name === 'and' || name === 'or') return this.#shortCircuit(name, args, dot, scope);
        const values = args.map((arg) => this.#value(arg, dot, scope));
        if (name === undefined) return callHeld(values);
        const called = this.#functions[name];
        if (called === undefined) throw new Error(`no function "${name}"`);
        return called(...values);
      }
    }
  }

  #shortCircuit(name: 'and' | 'or', args: readonly Expression[], dot: Value, scope: Scope): Value {
    let value: Value;
    for (const arg of args) {
      value = this.#value(arg, dot, scope);
      if (isTrue(value) === (name === 'or')) break;
    }
    return value;
  }
}

/** `.Files.Get "path"`: the first operand is a function that the data holds. */
function callHeld([method, ...args]: readonly Value[]): Value {
  if (typeof method !== 'function') throw new Error('only a function takes arguments');
  return (method as TemplateFunction)(...args);
}

/** @see {@link https://pkg.go.dev/text/template#hdr-Actions | Actions}: what counts as empty. */
export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value);
}

class Scope {
  constructor(
    private readonly outer?: Scope,
    private readonly variables = new Map<string, Value>(),
  ) {}

  get(name: string): Value {
    return this.#holder(name).variables.get(name);
  }

  set(name: string, value: Value, isNew: boolean): void {
    (isNew ? this : this.#holder(name)).variables.set(name, value);
  }

  #holder(name: string): Scope {
    if (this.variables.has(name)) return this;
    if (this.outer === undefined) throw new Error(`no variable ${name}`);
    return this.outer.#holder(name);
  }
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly value: Expression }
  | { readonly kind: 'assign'; readonly name: string; readonly isNew: boolean; readonly value: Expression }
  | { readonly kind: 'define'; readonly name: string; readonly body: readonly Node[] }
  | (Block & { readonly kind: 'if' | 'with' })
  | (Block & { readonly kind: 'range'; readonly names: readonly string[] });

interface Block {
  readonly value: Expression;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string }
  /** Without a name the first argument is what is called. */
  | { readonly kind: 'call'; readonly name?: string; readonly args: readonly Expression[] };

type Token = { readonly text: string } | { readonly action: readonly string[] };

/** Texts and actions in turn; an action is a list of words. */
function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let trimNext = false;
  let end = 0;
  for (const match of source.matchAll(/\{\{(-\s)?\s*(\/\*.*?\*\/|(?:"(?:\\.|[^"\\])*"|[^"])*?)\s*(\s-)?\}\}/gs)) {
    const [whole, trimBefore, inner = '', trimAfter] = match;
    let text = source.slice(end, match.index);
    if (trimNext) text = text.trimStart();
    if (trimBefore !== undefined) text = text.trimEnd();
    tokens.push({ text });
    if (!inner.startsWith('/*')) tokens.push({ action: inner.match(WORD) ?? [] });
    trimNext = trimAfter !== undefined;
    end = match.index + whole.length;
  }
  const rest = source.slice(end);
  tokens.push({ text: trimNext ? rest.trimStart() : rest });
  return tokens;
}

/** A parenthesis and the fields of what is in it are one word: `(…).name` and `(…) .name` differ. */
const WORD = /"(?:\\.|[^"\\])*"|:=|\)(?:\.\w+)*|[(|,=]|\$?[\w$]*(?:\.[\w$]+)+|\$[\w]*|\.|[\w-]+/g;

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** Up to the `end` or `else` that belongs to whoever asks. */
  block(): readonly Node[] {
    const nodes: Node[] = [];
    for (; this.#at < this.tokens.length; this.#at += 1) {
      const token = this.tokens[this.#at];
      if (token === undefined) break;
      if ('text' in token) nodes.push({ kind: 'text', text: token.text });
      else if (token.action[0] === 'end' || token.action[0] === 'else') break;
      else nodes.push(this.#action(token.action));
    }
    return nodes;
  }

  #action([first = '', ...words]: readonly string[]): Node {
    switch (first) {
      case 'if':
      case 'with':
        return { kind: first, ...this.#body(new ExpressionParser(words).pipeline()) };
      case 'range': {
        const assigned = words.indexOf(':=');
        const names = words.slice(0, Math.max(assigned, 0)).filter((word) => word !== ',');
        return { kind: 'range', names, ...this.#body(new ExpressionParser(words.slice(assigned + 1)).pipeline()) };
      }
      case 'define': {
        const { body } = this.#body({ kind: 'dot' });
        return { kind: 'define', name: String(JSON.parse(words[0] ?? '')), body };
      }
      default: {
        const [operator, ...rest] = words;
        if (operator === ':=' || operator === '=')
          return {
            kind: 'assign',
            name: first,
            isNew: operator === ':=',
            value: new ExpressionParser(rest).pipeline(),
          };
        return { kind: 'print', value: new ExpressionParser([first, ...words]).pipeline() };
      }
    }
  }

  #body(value: Expression): Block {
    this.#at += 1;
    const body = this.block();
    const token = this.tokens[this.#at];
    const [word, ...chained] = token !== undefined && 'action' in token ? token.action : [];
    if (word !== 'else') return { value, body, otherwise: [] };
    if (chained.length > 0) return { value, body, otherwise: [this.#action(chained)] };
    this.#at += 1;
    return { value, body, otherwise: this.block() };
  }
}

class ExpressionParser {
  #at = 0;

  constructor(private readonly words: readonly string[]) {}

  /** Commands joined by `|`: each gets the value before it as its last argument. */
  pipeline(): Expression {
    let value = this.#command();
    while (this.words[this.#at] === '|') {
      this.#at += 1;
      const next = this.#command();
      if (next.kind !== 'call') throw new Error(`cannot pipe into ${this.words.join(' ')}`);
      value = { ...next, args: [...next.args, value] };
    }
    return value;
  }

  #command(): Expression {
    const word = this.words[this.#at] ?? '';
    const isFunction = /^[a-zA-Z]\w*$/.test(word) && !(word in CONSTANTS);
    if (isFunction) this.#at += 1;
    const operands = this.#operands();
    if (isFunction) return { kind: 'call', name: word, args: operands };
    const [only] = operands;
    if (only === undefined) throw new Error(`an empty expression in ${this.words.join(' ')}`);
    return operands.length === 1 ? only : { kind: 'call', args: operands };
  }

  #operands(): readonly Expression[] {
    const operands: Expression[] = [];
    for (let word = this.words[this.#at]; word !== undefined && word !== '|' && !word.startsWith(')');) {
      this.#at += 1;
      operands.push(word === '(' ? this.#parenthesized() : operandOf(word));
      word = this.words[this.#at];
    }
    return operands;
  }

  #parenthesized(): Expression {
    const inner = this.pipeline();
    const closing = this.words[this.#at] ?? '';
    this.#at += 1;
    return withFields(inner, closing.slice(1));
  }
}

const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, nil: undefined };

function operandOf(word: string): Expression {
  if (word.startsWith('"')) return { kind: 'literal', value: JSON.parse(word) };
  if (/^-?\d+$/.test(word)) return { kind: 'literal', value: Number(word) };
  if (word in CONSTANTS) return { kind: 'literal', value: CONSTANTS[word] };
  if (word.startsWith('.')) return withFields({ kind: 'dot' }, word);
  if (word.startsWith('$')) {
    const [name = '', ...fields] = word.split('.');
    return withFields({ kind: 'variable', name }, fields.map((field) => `.${field}`).join(''));
  }
  // A function without arguments among the arguments of another.
  return { kind: 'call', name: word, args: [] };
}

function withFields(of: Expression, path: string): Expression {
  return path
    .split('.')
    .filter((name) => name !== '')
    .reduce<Expression>((inner, name) => ({ kind: 'field', of: inner, name }), of);
}

function fieldOf(value: Value, name: string): Value {
  if (typeof value !== 'object' || value === null) {
    if (value === undefined || value === null) return undefined;
    throw new Error(`can't evaluate field ${name} in ${typeof value}`);
  }
  return (value as Readonly<Record<string, Value>>)[name];
}

/** Keys come sorted, as Go has it. */
function entriesOf(value: Value): readonly (readonly [string | number, Value])[] {
  if (Array.isArray(value)) return value.map((item: Value, index) => [index, item] as const);
  return Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function print(value: Value): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
