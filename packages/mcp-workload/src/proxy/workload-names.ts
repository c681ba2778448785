import { OwnedByOtherError, Service, SpecError, type Context, type ObjectMeta } from '@trueup/core';
import { formatName } from '@trueup/kube';

/** How messages call the workload. */
export interface NamedWorkload {
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/**
 * Refuses a name that the objects around a workload cannot be called after, before any of them is made.
 *
 * @param longest - How many characters leave room for what their names and labels add.
 * @throws {@link SpecError} saying what is wrong with the name.
 */
export function requireUsableName({ metadata: { name } }: NamedWorkload, what: string, longest: number): void {
  if (name.includes('.')) {
    throw new SpecError(
      `the name "${name}" contains a dot, which names of Services cannot; create the ${what} under another name`,
    );
  }
  if (name.length > longest) {
    throw new SpecError(
      `the name "${name}" has ${name.length} characters; the objects made for it need one of at most ${longest}, ` +
        `create the ${what} under a shorter name`,
    );
  }
}

/**
 * Names of Services are made from names of workloads, and two workloads may come to the same: the Service of server `a` is
 * called like that of the backend of a server `a-proxy`. Whoever comes second finds the name taken, stops, and tries again
 * later.
 *
 * @throws {@link OwnedByOtherError} naming the other workload.
 */
export function requireFreeServices(
  { kind, metadata }: NamedWorkload,
  services: readonly string[],
  ctx: Pick<Context, 'get'>,
): void {
  for (const service of services) {
    const owner = ctx.get(Service, service)?.metadata.labels?.['toolhive-name'];
    if (owner !== undefined && owner !== metadata.name) {
      throw new OwnedByOtherError(
        `Service ${formatName({ ...metadata, name: service })} belongs to the workload ${owner}; ` +
          `rename ${kind} ${formatName(metadata)} or remove the other one`,
      );
    }
  }
}
