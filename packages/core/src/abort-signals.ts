import { setMaxListeners } from 'node:events';

/** A controller whose signal many listen to at once; Node takes more than ten listeners for a leak unless told. */
export function sharedAbortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** A signal that aborts with the first of these, for many listeners. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const joined = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  setMaxListeners(0, joined);
  return joined;
}
