import { injectable } from '@trueup/core';
import type { Client, KindNotServedError } from '@trueup/kube';
import { WorkloadSettings } from './settings.js';

/** Tells OpenShift from other clusters, by asking once. */
@injectable()
export class Platform {
  #isOpenShift: boolean | undefined;

  constructor(settings: WorkloadSettings) {
    this.#isOpenShift = settings.openShift;
  }

  /**
   * @throws whatever keeps the cluster from answering; nothing is remembered then, and the next call asks again. Guessing
   * would restart every proxy once the truth is known.
   */
  async isOpenShift(client: Pick<Client, 'discover'>): Promise<boolean> {
    this.#isOpenShift ??= await servesRoutes(client);
    return this.#isOpenShift;
  }
}

async function servesRoutes(client: Pick<Client, 'discover'>): Promise<boolean> {
  try {
    await client.discover({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
    return true;
  } catch (error) {
    if (isNotServed(error)) return false;
    throw error;
  }
}

/** By code, since the package may be there twice. */
function isNotServed(error: unknown): boolean {
  const code: KindNotServedError['code'] = 'ERR_KUBE_KIND_NOT_SERVED';
  return error instanceof Error && 'code' in error && error.code === code;
}
