import type { outgoingAuth, staticBackend, strategy } from '../config-document/format/authentication.js';
import type { ValueOf } from '../config-document/format/shape.js';

/** How requests to a backend are authenticated: `type`, and the member of that type. */
export type Strategy = ValueOf<typeof strategy>;

/** How the server authenticates to its backends, as the configuration says it. */
export type OutgoingAuth = ValueOf<typeof outgoingAuth>;

/** A backend that the configuration writes out, for a server that does not look into the group itself. */
export type StaticBackend = ValueOf<typeof staticBackend>;

export const UNAUTHENTICATED: Strategy = { type: 'unauthenticated' };
