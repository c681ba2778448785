import { namedCharacter, quoted } from './go-text.js';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'character constant'
  | 'string'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'left paren'
  | 'right paren'
  | 'character'
  | 'end of text'
  /** The text is what is wrong; nothing follows. */
  | 'error';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it starts, from 1. */
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

const SPACE = /[ \t\r\n]+/y;
const WORD = /[_\p{L}\p{Nd}]+/uy;
const STRING = /"(?:\\[^\n]|[^"\\\n])*"/suy;
const RAW_STRING = /`[^`]*`/y;
const CHARACTER_CONSTANT = /'(?:\\[^\n]|[^'\\\n])*'/suy;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;
/** What may follow a word within an action. */
const TERMINATOR = /$|[ \t\r\n.,|:()]|\}\}/y;
const CLOSE = /(?:[ \t\r\n]-)?\}\}/y;

/**
 * Cuts a template of Go's text/template into tokens. Comments are left out, and so is space that `{{-` or `-}}` trims. The last
 * token is the end of the text or an error.
 *
 * @see {@link https://pkg.go.dev/text/template#hdr-Text_and_spaces | text/template}
 */
export function tokensOf(text: string): readonly Token[] {
  return new Lexer(text).tokens();
}

class Lexer {
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  /** Up to where lines are counted. */
  #counted = 0;
  #parentheses = 0;

  constructor(private readonly text: string) {}

  tokens(): readonly Token[] {
    for (;;) {
      this.#literalText();
      if (this.#at >= this.text.length) break;
      if (!(this.#isComment() ? this.#comment() : this.#action())) return this.#tokens;
    }
    this.#push('end of text', 'EOF');
    return this.#tokens;
  }

  /** Text up to the next action, without the space that the action trims. */
  #literalText(): void {
    const open = this.text.indexOf('{{', this.#at);
    const end = open < 0 ? this.text.length : open;
    const text = this.text.slice(this.#at, end);
    const kept = open >= 0 && this.#trimsAt(open + 2) ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') this.#push('text', kept);
    this.#at = end;
  }

  #isComment(): boolean {
    const content = this.#at + 2;
    return this.text.startsWith('/*', this.#trimsAt(content) ? content + 2 : content);
  }

  /** @returns false where the text ends in an error. */
  #comment(): boolean {
    this.#at += this.#trimsAt(this.#at + 2) ? 4 : 2;
    const end = this.text.indexOf('*/', this.#at + 2);
    if (end < 0) return this.#fail('unclosed comment');
    const close = this.#match(CLOSE, end + 2);
    if (close === undefined) return this.#fail('comment ends before closing delimiter');
    this.#pass(end + 2 + close.length, close);
    return true;
  }

  /** @returns false where the text ends in an error. */
  #action(): boolean {
    this.#push('open', '{{');
    this.#at += this.#trimsAt(this.#at + 2) ? 4 : 2;
    this.#parentheses = 0;
    for (;;) {
      const close = this.#match(CLOSE);
      if (close !== undefined) {
        if (this.#parentheses > 0) return this.#fail('unclosed left paren');
        this.#at += close.length - 2;
        this.#push('close', '}}');
        this.#pass(this.#at + 2, close);
        return true;
      }
      const problem = this.#operand();
      if (problem !== undefined) return this.#fail(problem);
    }
  }

  /** One token within an action, or what is wrong with it. */
  #operand(): string | undefined {
    const character = this.#character();
    switch (character) {
      case '':
        return 'unclosed action';
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return this.#space();
      case '=':
        return this.#take('assign', '=');
      case ':':
        return this.text.startsWith(':=', this.#at) ? this.#take('declare', ':=') : 'expected :=';
      case '|':
        return this.#take('pipe', '|');
      case '(':
        this.#parentheses += 1;
        return this.#take('left paren', '(');
      case ')':
        this.#parentheses -= 1;
        return this.#parentheses < 0 ? 'unexpected right paren' : this.#take('right paren', ')');
      case '"':
        return this.#literal('string', STRING, 'unterminated quoted string');
      case '`':
        return this.#literal('string', RAW_STRING, 'unterminated raw quoted string');
      case "'":
        return this.#literal('character constant', CHARACTER_CONSTANT, 'unterminated character constant');
      case '$':
        return this.#name('variable', '$');
      case '.':
        return /\D/.test(this.text.charAt(this.#at + 1)) ? this.#name('field', '.') : this.#number();
    }
    if (/[-+\d]/.test(character)) return this.#number();
    if (/[_\p{L}\p{Nd}]/u.test(character)) return this.#identifier();
    if (/[!-~]/.test(character)) return this.#take('character', character);
    return `unrecognized character in action: ${namedCharacter(character)}`;
  }

  /** The last space before `-}}` belongs to the delimiter. */
  #space(): undefined {
    const space = this.#match(SPACE) ?? '';
    const isTrimmed = this.text.startsWith('-}}', this.#at + space.length);
    return this.#take('space', isTrimmed ? space.slice(0, -1) : space);
  }

  #literal(kind: TokenKind, pattern: RegExp, problem: string): string | undefined {
    const literal = this.#match(pattern);
    return literal === undefined ? problem : this.#take(kind, literal);
  }

  /** `.Field` or `$variable`; a `.` or `$` alone is one, too. */
  #name(kind: 'field' | 'variable', prefix: string): string | undefined {
    const name = prefix + (this.#match(WORD, this.#at + 1) ?? '');
    const problem = this.#badCharacter(this.#at + name.length);
    return problem ?? this.#take(name === '.' ? 'dot' : kind, name);
  }

  #identifier(): string | undefined {
    const word = this.#match(WORD) ?? '';
    const problem = this.#badCharacter(this.#at + word.length);
    if (problem !== undefined) return problem;
    if (KEYWORDS.has(word)) return this.#take('keyword', word);
    if (word === 'nil') return this.#take('nil', word);
    return this.#take(word === 'true' || word === 'false' ? 'bool' : 'identifier', word);
  }

  /** Takes more than numbers: what is none is told by its reader. */
  #number(): string | undefined {
    let end = this.#at + (this.#match(NUMBER) ?? '').length;
    let isSound = !this.#isWordAt(end);
    if (isSound && /[-+]/.test(this.text.charAt(end))) {
      end += (this.#match(NUMBER, end) ?? '').length;
      isSound = !this.#isWordAt(end) && this.text.charAt(end - 1) === 'i';
    }
    if (this.#isWordAt(end)) end += this.#character(end).length;
    const number = this.text.slice(this.#at, end);
    return isSound ? this.#take('number', number) : `bad number syntax: ${quoted(number)}`;
  }

  #badCharacter(at: number): string | undefined {
    return this.#match(TERMINATOR, at) === undefined
      ? `bad character ${namedCharacter(this.#character(at))}`
      : undefined;
  }

  #isWordAt(at: number): boolean {
    return this.#match(WORD, at) !== undefined;
  }

  /** Whether the delimiter that ends here trims: `-` and a space follow. */
  #trimsAt(at: number): boolean {
    return this.#match(/-[ \t\r\n]/y, at) !== undefined;
  }

  /** The whole character at a place, empty at the end. */
  #character(at = this.#at): string {
    const code = this.text.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #match(pattern: RegExp, at = this.#at): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.text)?.[0];
  }

  /** Goes on after a closing delimiter, and after the space that it trims. */
  #pass(end: number, close: string): void {
    this.#at = end;
    if (close.length > 2) this.#at += (this.#match(SPACE) ?? '').length;
  }

  #take(kind: TokenKind, text: string): undefined {
    this.#push(kind, text);
    this.#at += text.length;
  }

  #push(kind: TokenKind, text: string): void {
    for (; this.#counted < this.#at; this.#counted += 1) if (this.text[this.#counted] === '\n') this.#line += 1;
    this.#tokens.push({ kind, text, line: this.#line });
  }

  #fail(problem: string): false {
    this.#push('error', problem);
    return false;
  }
}

/** A token as messages name it. */
export function describeToken({ kind, text }: Token): string {
  if (kind === 'end of text' || kind === 'error') return text;
  if (kind === 'keyword' || kind === 'dot' || kind === 'nil') return `<${text}>`;
  const isLong = new TextEncoder().encode(text).length > 10;
  return isLong ? `${quoted([...text].slice(0, 10).join(''))}...` : quoted(text);
}
