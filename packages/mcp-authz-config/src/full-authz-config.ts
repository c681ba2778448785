/** The settings of an authorizer as a proxy reads them: the backend's own under its config key, inside an envelope. */
export interface FullAuthzConfig {
  readonly version: string;
  readonly type: string;
  readonly [configKey: string]: unknown;
}

/**
 * The exact text of a full configuration: compact, the members of the envelope sorted by name, all else in the order in which
 * it is stored, and `<`, `>`, `&`, U+2028 and U+2029 escaped inside strings, as Go writes JSON.
 *
 * @see {@link https://pkg.go.dev/encoding/json#HTMLEscape | encoding/json.HTMLEscape}
 */
export function authzConfigText(full: FullAuthzConfig): string {
  const sorted = Object.fromEntries(Object.entries(full).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(sorted).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The copy for a proxy that runs its own authorization server: Cedar takes the claims from the token of this upstream,
 * whatever the configuration says, since who writes policies must not choose whom to trust. Other types stay as they are.
 */
export function withPrimaryUpstreamProvider(full: FullAuthzConfig, provider: string): FullAuthzConfig {
  const { cedar } = full;
  if (full.type !== 'cedarv1' || typeof cedar !== 'object' || cedar === null) return full;
  // ToolHive writes the entities of this copy in any case; empty ones are none.
  return { ...full, cedar: { entities_json: '', ...cedar, primary_upstream_provider: provider } };
}
