import { quoted, unquoted } from './go-text.js';
import { numberProblem } from './number-problem.js';
import type { Operand, Pipeline, Template, TemplateNode } from './template.js';
import { describeToken, tokensOf, type Token, type TokenKind } from './template-tokens.js';

/** The functions that templates of composite tools can call: those of Go, and three of their own. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['json', 'quote', 'fromJson'],
  ...['and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'len', 'index', 'slice', 'call'],
  ...['print', 'printf', 'println', 'html', 'js', 'urlquery'],
]);

/** Nobody writes deeper ones, and each level takes some of the stack. */
const MAX_DEPTH = 500;

/** Kinds of tokens that begin an operand. */
const OPERANDS: ReadonlySet<TokenKind> = new Set([
  'bool',
  'character constant',
  'dot',
  'field',
  'identifier',
  'left paren',
  'nil',
  'number',
  'string',
  'variable',
]);

/** Thrown for a text that is no template; the message is what Go's parser says. */
export class TemplateSyntaxError extends Error {
  readonly code = 'ERR_TEMPLATE_SYNTAX';

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/**
 * Reads a template of Go's text/template.
 *
 * @param name - How messages call it: `template: <name>:1: unclosed action`.
 * @throws {@link TemplateSyntaxError}
 * @see {@link https://pkg.go.dev/text/template | text/template}
 */
export function parseTemplate(text: string, name: string): Template {
  return new Parser(name, tokensOf(text)).template();
}

type Ending = '{{end}}' | '{{else}}';

class Parser {
  #next = 0;
  /** The furthest token that was looked at: where messages say the problem is. */
  #furthest = 0;
  #actionLine: number | undefined;
  #variables: string[] = ['$'];
  #depth = 0;
  #ranges = 0;

  constructor(
    private readonly name: string,
    private readonly tokens: readonly Token[],
  ) {}

  template(): Template {
    const nodes: TemplateNode[] = [];
    while (this.#peek().kind !== 'end of text') {
      const node = this.#definition() ?? this.#textOrAction();
      if (typeof node === 'string') this.#fail(`unexpected ${node}`);
      nodes.push(node);
    }
    return nodes;
  }

  /** `{{define "name"}} … {{end}}`, which stands at the top only. */
  #definition(): TemplateNode | undefined {
    const start = this.#next;
    if (this.#take().kind === 'open' && isKeyword(this.#takeSolid(), 'define')) {
      const name = this.#templateName(this.#takeSolid(), 'define clause');
      this.#expectClose('define clause');
      return { kind: 'define', name, body: this.#separateBody('define clause') };
    }
    this.#next = start;
    return undefined;
  }

  /** The body of a named template, which sees none of the variables around it. */
  #separateBody(context: string): Template {
    const [variables, ranges] = [this.#variables, this.#ranges];
    [this.#variables, this.#ranges] = [['$'], 0];
    const { nodes, ending } = this.#body();
    [this.#variables, this.#ranges] = [variables, ranges];
    if (ending !== '{{end}}') this.#fail(`unexpected ${ending} in ${context}`);
    return nodes;
  }

  /** What stands before `{{end}}` or `{{else}}`. */
  #body(): { readonly nodes: Template; readonly ending: Ending } {
    const nodes: TemplateNode[] = [];
    while (this.#peekSolid().kind !== 'end of text') {
      const node = this.#textOrAction();
      if (typeof node === 'string') return { nodes, ending: node };
      nodes.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): TemplateNode | Ending {
    const token = this.#takeSolid();
    if (token.kind === 'text') return { kind: 'text', text: token.text };
    if (token.kind !== 'open') return this.#unexpected(token, 'input');
    this.#actionLine = token.line;
    const action = this.#action();
    this.#actionLine = undefined;
    return action;
  }

  #action(): TemplateNode | Ending {
    const token = this.#takeSolid();
    if (token.kind === 'keyword') {
      switch (token.text) {
        case 'if':
        case 'with':
        case 'range':
          return this.#control(token.text);
        case 'else':
          return this.#else();
        case 'end':
          this.#expectClose('end');
          return '{{end}}';
        case 'break':
        case 'continue':
          return this.#leaveRange(token.text);
        case 'template':
        case 'block':
          return this.#named(token.text);
      }
    }
    this.#next -= 1;
    return { kind: 'action', pipeline: this.#pipeline('command', 'close') };
  }

  #control(kind: 'if' | 'with' | 'range'): TemplateNode {
    return this.#deeper(() => {
      const outside = this.#variables.length;
      const pipeline = this.#pipeline(kind, 'close');
      if (kind === 'range') this.#ranges += 1;
      const { nodes: body, ending } = this.#body();
      if (kind === 'range') this.#ranges -= 1;
      const otherwise = ending === '{{else}}' ? this.#otherwise(kind) : [];
      this.#variables.length = outside;
      return { kind, pipeline, body, otherwise };
    });
  }

  /** What follows `{{else}}`, or the chained control of `{{else if}}` and `{{else with}}`, which shares the `{{end}}`. */
  #otherwise(kind: 'if' | 'with' | 'range'): Template {
    if (kind !== 'range' && isKeyword(this.#peek(), kind)) {
      this.#take();
      return [this.#control(kind)];
    }
    const { nodes, ending } = this.#body();
    if (ending !== '{{end}}') this.#fail(`expected end; found ${ending}`);
    return nodes;
  }

  #else(): Ending {
    const token = this.#peekSolid();
    if (!isKeyword(token, 'if') && !isKeyword(token, 'with')) this.#expectClose('else');
    return '{{else}}';
  }

  #leaveRange(kind: 'break' | 'continue'): TemplateNode {
    this.#expectClose(`{{${kind}}}`);
    if (this.#ranges === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  #named(kind: 'template' | 'block'): TemplateNode {
    const context = `${kind} clause`;
    const name = this.#templateName(this.#takeSolid(), context);
    if (kind === 'block') {
      const pipeline = this.#pipeline(context, 'close');
      return this.#deeper(() => ({ kind, name, pipeline, body: this.#separateBody(context) }));
    }
    if (this.#takeSolid().kind === 'close') return { kind, name, body: [] };
    this.#next -= 1;
    return { kind, name, pipeline: this.#pipeline(context, 'close'), body: [] };
  }

  #templateName(token: Token, context: string): string {
    return token.kind === 'string' ? this.#string(token).value : this.#unexpected(token, context);
  }

  #pipeline(context: string, end: 'close' | 'right paren'): Pipeline {
    const { variables, isAssignment } = this.#declarations(context);
    const commands: (readonly Operand[])[] = [];
    for (let token = this.#takeSolid(); token.kind !== end; token = this.#takeSolid()) {
      if (!OPERANDS.has(token.kind)) this.#unexpected(token, context);
      this.#next -= 1;
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    const idle = commands.findIndex(([first], stage) => stage > 0 && first !== undefined && isValue(first));
    if (idle >= 0) this.#fail(`non executable command in pipeline stage ${idle + 1}`);
    return { variables, isAssignment, commands };
  }

  /** `$x :=`, `$x =`, and in ranges `$key, $value :=`. */
  #declarations(context: string): Pick<Pipeline, 'variables' | 'isAssignment'> {
    const variables: string[] = [];
    for (;;) {
      const token = this.#peekSolid();
      if (token.kind !== 'variable') return { variables, isAssignment: false };
      const start = this.#next;
      this.#take();
      const next = this.#peekSolid();
      const isComma = next.kind === 'character' && next.text === ',';
      if (next.kind !== 'assign' && next.kind !== 'declare' && !isComma) {
        this.#next = start;
        return { variables, isAssignment: false };
      }
      this.#takeSolid();
      variables.push(token.text);
      this.#variables.push(token.text);
      if (!isComma) return { variables, isAssignment: next.kind === 'assign' };
      if (context !== 'range' || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      const { kind } = this.#peekSolid();
      if (kind !== 'variable' && kind !== 'close' && kind !== 'right paren') {
        this.#fail('range can only initialize variables');
      }
    }
  }

  #command(): readonly Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      this.#peekSolid();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#take();
      if (token.kind === 'space') continue;
      if (token.kind === 'close' || token.kind === 'right paren') this.#next -= 1;
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      if (operands.length === 0) this.#fail('empty command');
      return operands;
    }
  }

  /** A term and the fields that are read of it: `(index .steps 0).output`. */
  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#peek().kind !== 'field') return term;
    const path: string[] = [];
    while (this.#peek().kind === 'field') path.push(this.#take().text.slice(1));
    if (term.kind === 'field' || term.kind === 'variable') return { ...term, path: [...term.path, ...path] };
    if (isValue(term)) this.#fail(`unexpected . after term ${quoted(textOf(term))}`);
    return { kind: 'chain', of: term, path };
  }

  #term(): Operand | undefined {
    const token = this.#takeSolid();
    switch (token.kind) {
      case 'identifier':
        if (!FUNCTIONS.has(token.text)) this.#fail(`function ${quoted(token.text)} not defined`);
        return { kind: 'function', name: token.text };
      case 'dot':
      case 'nil':
        return { kind: token.kind };
      case 'variable':
        if (!this.#variables.includes(token.text)) this.#fail(`undefined variable ${quoted(token.text)}`);
        return { kind: 'variable', path: [token.text] };
      case 'field':
        return { kind: 'field', path: [token.text.slice(1)] };
      case 'bool':
        return { kind: 'bool', value: token.text === 'true' };
      case 'character constant':
        return this.#character(token);
      case 'number': {
        const problem = numberProblem(token.text);
        if (problem !== undefined) this.#fail(problem);
        return { kind: 'number', text: token.text };
      }
      case 'left paren':
        return this.#deeper(() => ({
          kind: 'pipeline',
          pipeline: this.#pipeline('parenthesized pipeline', 'right paren'),
        }));
      case 'string':
        return this.#string(token);
      default:
        this.#next -= 1;
        return undefined;
    }
  }

  #string({ text }: Token): Extract<Operand, { kind: 'string' }> {
    const value = unquoted(text);
    return value === undefined ? this.#fail('invalid syntax') : { kind: 'string', text, value };
  }

  /** Characters count as numbers. */
  #character({ text }: Token): Operand {
    const value = unquoted(text) ?? '';
    if (value === '') this.#fail('invalid syntax');
    if ([...value].length > 1) this.#fail(`malformed character constant: ${text}`);
    return { kind: 'number', text };
  }

  #deeper<T>(read: () => T): T {
    if (this.#depth >= MAX_DEPTH) this.#fail('max expression depth exceeded');
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #expectClose(context: string): void {
    const token = this.#takeSolid();
    if (token.kind !== 'close') this.#unexpected(token, context);
  }

  #peek(): Token {
    // The last token stands for whatever is asked for beyond it.
    const at = Math.min(this.#next, this.tokens.length - 1);
    this.#furthest = Math.max(this.#furthest, at);
    return this.tokens[at] ?? { kind: 'end of text', text: 'EOF', line: 1 };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #peekSolid(): Token {
    while (this.#peek().kind === 'space') this.#next += 1;
    return this.#peek();
  }

  #takeSolid(): Token {
    this.#peekSolid();
    return this.#take();
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.#fail(`unexpected ${describeToken(token)} in ${context}`);
    const isElsewhere = this.#actionLine !== undefined && this.#actionLine !== token.line;
    const start = isElsewhere ? ` started at ${this.name}:${this.#actionLine}` : '';
    const subject = isElsewhere && !token.text.endsWith(' action') ? ' in action' : '';
    return this.#fail(`${token.text}${subject}${start}`);
  }

  #fail(problem: string): never {
    throw new TemplateSyntaxError(`template: ${this.name}:${this.tokens[this.#furthest]?.line}: ${problem}`);
  }
}

function isKeyword({ kind, text }: Token, keyword: string): boolean {
  return kind === 'keyword' && text === keyword;
}

/** An operand that is itself, and no function, field or variable. */
function isValue({ kind }: Operand): boolean {
  return kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string';
}

function textOf(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'bool':
      return String(operand.value);
    case 'number':
    case 'string':
      return operand.text;
    default:
      return operand.kind;
  }
}
