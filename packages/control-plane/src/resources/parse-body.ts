import { load, YAMLException } from 'js-yaml';
import { duplicateKeys } from './duplicate-keys.js';
import { isNestedTooDeeply, MAX_DEPTH } from './nesting.js';

/** A request body as text, in one of the two encodings that every endpoint reads. */
export interface TextBody {
  readonly text: string;
  readonly yaml: boolean;
}

/** Why a body could not be read, in the words of the server's own parser. */
export class BodySyntaxError extends Error {
  override readonly name = 'BodySyntaxError';
}

/** The value of a body. @throws {@link BodySyntaxError} */
export function parseBody(body: TextBody): unknown {
  const value = body.yaml ? parseYamlOrJson(body.text) : parseJson(body.text);
  if (MAYBE_INFINITE.test(body.text)) refuseInfinite(value, body);
  // A level takes two characters at least.
  if (body.text.length >= 2 * MAX_DEPTH && isNestedTooDeeply(value)) throw new BodySyntaxError('exceeded max depth');
  return value;
}

/** JSON has no infinity, but JavaScript reads `1e999` as such; YAML has a name for it, and for what is no number. */
const MAYBE_INFINITE = /[eE]\+?\d{3}|\d{308}|\.(?:nan|inf)/i;

function refuseInfinite(root: unknown, { text, yaml }: TextBody): void {
  const values = [root];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      if (yaml) throw new BodySyntaxError(`error converting YAML to JSON: json: unsupported value: ${goNumber(value)}`);
      const literals = text.match(/-?\d[\d.]*(?:[eE][-+]?\d+)?/g) ?? [];
      const literal = literals.find((candidate) => !Number.isFinite(Number(candidate))) ?? goNumber(value);
      throw new BodySyntaxError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
    }
    if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) values.push(inner ?? null);
  }
}

function goNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new BodySyntaxError(describeSyntaxError(text));
  }
}

/** The paths of fields set twice in a body that has been parsed. */
export function duplicatesIn(body: TextBody): string[] {
  return body.yaml ? [] : duplicateKeys(body.text);
}

/** Clients send JSON as YAML, which it is; reading it as such takes many times longer. */
function parseYamlOrJson(text: string): unknown {
  if (!text.startsWith('{')) return parseYaml(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return parseYaml(text);
  }
}

const MAX_ALIASES = 30;

/** What libyaml, which Go's parser follows, says where js-yaml says this. */
const LIBYAML_TEXTS: Readonly<Record<string, string>> = {
  'unexpected end of the stream within a flow collection': 'did not find expected node content',
  'bad indentation of a mapping entry': 'did not find expected key',
};

function parseYaml(text: string): unknown {
  try {
    // Aliases of aliases make a small document a huge one.
    return load(text, { maxDepth: MAX_DEPTH, maxAliases: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = String((error.mark?.line ?? 0) + 1);
    const reason = LIBYAML_TEXTS[error.reason] ?? error.reason;
    throw new BodySyntaxError(`error converting YAML to JSON: yaml: line ${line}: ${reason}`);
  }
}

/** What Go's encoding/json says of a text that is no JSON. */
function describeSyntaxError(text: string): string {
  const at = errorPosition(text);
  if (at === undefined || at >= text.length) return 'unexpected end of JSON input';
  return `invalid character '${text.charAt(at)}' looking for beginning of value`;
}

/** Where JSON.parse stopped; undefined at the end of the text. V8 gives it in the message only. */
function errorPosition(text: string): number | undefined {
  try {
    JSON.parse(text);
  } catch (error) {
    const match = error instanceof Error ? /at position (\d+)/.exec(error.message) : null;
    if (match) return Number(match[1]);
    const token = error instanceof Error ? /^Unexpected token '?(.)/.exec(error.message)?.[1] : undefined;
    if (token !== undefined) return text.indexOf(token);
  }
  return undefined;
}
