import { incomingAuth, outgoingAuth, staticBackend } from './authentication.js';
import { audit, codeMode, operational, optimizer, rateLimiting, sessionStorage, telemetry } from './operation.js';
import { always, list, map, object, text, type ValueOf } from './shape.js';
import { aggregation, compositeTool } from './tools.js';

/**
 * The file by which a server process runs, member for member in the order in which it is written. Absent sections are left
 * out; the process knows no others.
 */
export const configDocumentFormat = object({
  name: text(),
  groupRef: text(),
  backends: list(staticBackend),
  incomingAuth: always(incomingAuth, { type: '' }),
  outgoingAuth: always(outgoingAuth, { source: 'discovered' }),
  aggregation: always(aggregation, { conflictResolution: 'prefix' }),
  compositeTools: list(compositeTool),
  compositeToolRefs: list(object({ name: always(text(), '') })),
  operational,
  metadata: map(text()),
  telemetry,
  audit,
  optimizer,
  codeMode,
  sessionStorage,
  rateLimiting,
  passthroughHeaders: list(text()),
});

/** What stands in the file. */
export type ConfigDocument = ValueOf<typeof configDocumentFormat>;
