import type { ConfigDocument } from './format/config-document.js';

/** A backend that is called with the token of an upstream. */
export interface UpstreamInject {
  /** Its name, or `<default-strategy>` for those that say nothing themselves. */
  readonly backend: string;
  readonly providerName: string;
}

/** The upstreams whose tokens the backends of a configuration are called with; all of them must exist. */
export function upstreamInjects({ outgoingAuth }: ConfigDocument): readonly UpstreamInject[] {
  const strategies = [
    ...Object.entries(outgoingAuth.backends ?? {}),
    ...(outgoingAuth.default === undefined ? [] : [['<default-strategy>', outgoingAuth.default] as const]),
  ];
  return strategies.flatMap(([backend, { upstreamInject }]) =>
    upstreamInject === undefined ? [] : [{ backend, providerName: upstreamInject.providerName }],
  );
}
