const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The paths of fields that a JSON text sets twice: `spec.x`, `spec.list[0].y`. The text must be valid JSON.
 *
 * JSON.parse keeps the last of them without a word; a strict server must not.
 */
export function duplicateKeys(text: string): string[] {
  const found: string[] = [];
  /** The keys of each object, and the index in each list, that the text is within at the moment. */
  const within: (ObjectLevel | ListLevel)[] = [];
  let innermost: ObjectLevel | ListLevel | undefined;
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (expectsKey && innermost?.type === 'object') {
          innermost.key = keyOf(text, at, end);
          if (innermost.keys.has(innermost.key)) found.push(pathOf(within));
          innermost.keys.add(innermost.key);
        }
        at = end;
        break;
      }
      case COLON:
        expectsKey = false;
        break;
      case COMMA:
        if (innermost?.type === 'list') innermost.index++;
        else expectsKey = true;
        break;
      case OPEN_OBJECT:
        within.push((innermost = { type: 'object', keys: new Set(), key: '' }));
        expectsKey = true;
        break;
      case OPEN_LIST:
        within.push((innermost = { type: 'list', index: 0 }));
        expectsKey = false;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        within.pop();
        innermost = within.at(-1);
        break;
    }
  }
  return found;
}

interface ObjectLevel {
  readonly type: 'object';
  readonly keys: Set<string>;
  /** The one that was read last. */
  key: string;
}

interface ListLevel {
  readonly type: 'list';
  index: number;
}

/** Where the quotation mark is that ends the string that begins here. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
}

function pathOf(levels: readonly (ObjectLevel | ListLevel)[]): string {
  let path = '';
  for (const level of levels) {
    if (level.type === 'list') path += `[${String(level.index)}]`;
    else path += path === '' ? level.key : `.${level.key}`;
  }
  return path;
}
