import { isJsonObject } from '../object.js';

/** Where a page of a list ended. */
export interface ContinueToken {
  /** The resourceVersion of the whole list; undefined to go on with what is there now. */
  readonly version?: number;
  /** The key of the last object of the page before. */
  readonly after: string;
}

/** Why a token is none. */
export class ContinueTokenError extends Error {
  override readonly name = 'ContinueTokenError';
}

const FORMAT = 'meta.k8s.io/v1';

export function encodeContinueToken({ version, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: FORMAT, rv: version ?? -1, start: `${after}\0` })).toString('base64url');
}

/** @throws {@link ContinueTokenError} */
export function decodeContinueToken(token: string): ContinueToken {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ContinueTokenError(
      `continue key is not valid: invalid character ${quote(text)} looking for beginning of value`,
    );
  }
  if (!isJsonObject(value) || value['v'] !== FORMAT || typeof value['start'] !== 'string') {
    throw new ContinueTokenError('continue key is not valid: server does not recognize this encoded version');
  }
  const version = value['rv'];
  const after = value['start'].replace(/\0$/, '');
  return typeof version === 'number' && version > 0 ? { version, after } : { after };
}

function quote(text: string): string {
  const first = text.charAt(0);
  const isPrintable = first >= ' ' && first <= '~';
  return `'${isPrintable ? first : `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}`}'`;
}
