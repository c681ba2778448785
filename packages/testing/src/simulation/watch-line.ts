/** The object that an event of a watch is about, `configmaps/world`; undefined for what is no change of an object. */
export function objectOfEvent(line: string): string | undefined {
  const event: unknown = JSON.parse(line);
  if (!isRecord(event) || event['type'] === 'BOOKMARK' || event['type'] === 'ERROR') return undefined;
  const { kind, metadata } = isRecord(event['object']) ? event['object'] : {};
  if (!isRecord(metadata)) return undefined;
  // Generated names differ from run to run.
  return `${String(kind)}/${String(metadata['generateName'] ?? metadata['name'])}`;
}

/** Whether an event is the bookmark after the objects with which a streamed list begins. */
export function endsInitialEvents(line: string): boolean {
  return line.includes('"k8s.io/initial-events-end"');
}

/** How a server ends a watch that has fallen behind. */
export const EXPIRED_LINE = JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410, message: 'simulated' },
});

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
