const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * Where standard, padded base64 goes wrong: the byte offset the API server names, or undefined if it is fine. Line
 * breaks are allowed anywhere.
 */
export function base64Problem(text: string): number | undefined {
  let inQuantum = 0;
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === '\n' || character === '\r') continue;
    if (ALPHABET.test(character)) {
      inQuantum = (inQuantum + 1) % 4;
    } else if (character === '=' && inQuantum >= 2) {
      return paddingProblem(text, position, inQuantum);
    } else {
      return position;
    }
  }
  return inQuantum === 0 ? undefined : text.length - inQuantum;
}

function paddingProblem(text: string, position: number, inQuantum: number): number | undefined {
  const rest = text.slice(position + 1);
  const blanks = /^[\r\n]*/;
  const skipped = blanks.exec(rest)?.[0].length ?? 0;
  let end = position + 1 + skipped;
  if (inQuantum === 2) {
    if (end === text.length) return text.length;
    if (text.charAt(end) !== '=') return end;
    end += 1 + (blanks.exec(text.slice(end + 1))?.[0].length ?? 0);
  }
  return end === text.length ? undefined : end;
}
