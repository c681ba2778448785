/**
 * The paths of fields that a JSON text sets twice: `spec.x`, `spec.list[0].y`. The text must be valid JSON.
 *
 * JSON.parse keeps the last of them without a word; a strict server must not.
 */
export function duplicateKeys(text: string): string[] {
  const found: string[] = [];
  let at = 0;

  const skipSpace = (): void => {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++;
  };
  const skipString = (): string => {
    const start = at++;
    while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
    return text.slice(start, ++at);
  };
  const skipValue = (path: string): void => {
    skipSpace();
    const first = text.charAt(at);
    if (first === '{') skipObject(path);
    else if (first === '[') skipArray(path);
    else if (first === '"') skipString();
    else while (at < text.length && !',]} \t\r\n'.includes(text.charAt(at))) at++;
    skipSpace();
  };
  const skipObject = (path: string): void => {
    const keys = new Set<string>();
    at++;
    skipSpace();
    while (text.charAt(at) !== '}') {
      const raw = skipString();
      const key = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
      const here = path === '' ? key : `${path}.${key}`;
      if (keys.has(key)) found.push(here);
      keys.add(key);
      skipSpace();
      at++; // the colon
      skipValue(here);
      if (text.charAt(at) === ',') at++;
      skipSpace();
    }
    at++;
  };
  const skipArray = (path: string): void => {
    at++;
    skipSpace();
    for (let index = 0; text.charAt(at) !== ']'; index++) {
      skipValue(`${path}[${String(index)}]`);
      if (text.charAt(at) === ',') at++;
      skipSpace();
    }
    at++;
  };

  skipValue('');
  return found;
}
