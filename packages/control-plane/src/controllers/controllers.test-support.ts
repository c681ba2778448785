import { builtinResources } from '../builtins/builtin-resources.js';
import { Admission } from '../resources/admission.js';
import { InProcessApi } from '../resources/in-process-api.js';
import { NamespaceLifecycle } from '../resources/namespace-lifecycle.js';
import { ResourceRegistry } from '../resources/registry.js';
import { Store } from '../storage/store.js';
import type { Api, ServerController } from './api.js';
import { NAMESPACES } from './resource-names.js';

/** The server's write pipeline with the built-in kinds and some namespaces, without HTTP and without controllers. */
export async function makeApi({ now = () => new Date() }: { now?: () => Date } = {}): Promise<Api> {
  const store = new Store();
  const registry = new ResourceRegistry(builtinResources);
  const admission = new Admission([new NamespaceLifecycle(store.table('namespaces'))]);
  const api = new InProcessApi({ store, registry, admission, now }, 'test');
  for (const name of ['default', 'kube-public']) {
    await api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return api;
}

/** Resolves when none of the controllers has work left, nor gives another one new work. */
export async function settle(controllers: readonly ServerController[]): Promise<void> {
  for (let quietTurns = 0; quietTurns < 3;) {
    quietTurns = controllers.some((controller) => controller.isBusy()) ? 0 : quietTurns + 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
