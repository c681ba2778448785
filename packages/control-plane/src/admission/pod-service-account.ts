import { ensureObjectAt, objectsAt, stringAt } from '../access.js';
import { copyJson } from '../json.js';
import { refusal } from '../resources/admission-request.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { Table } from '../storage/table.js';

const DEFAULT = 'default';

/**
 * Gives pods the service account `default` where they name none, with its image pull secrets, and refuses those that name
 * one that is not there. Tokens are not mounted: nothing runs in the pods of this server that could read them.
 */
export class PodServiceAccount implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly #accounts: Table;

  constructor(serviceAccounts: Table) {
    this.#accounts = serviceAccounts;
  }

  mutate(request: AdmissionRequest): void {
    const { operation, resource, subresource, namespace = '', object } = request;
    const isPod = resource.group === '' && resource.plural === 'pods' && subresource === undefined;
    if (operation !== 'CREATE' || !isPod || !object) return;
    const spec = ensureObjectAt(object, 'spec');
    const name = stringAt(spec, 'serviceAccountName') || DEFAULT;
    const account = this.#accounts.get(namespace, name);
    // A cluster waits for the default account of a new namespace.
    if (!account && name !== DEFAULT) {
      const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
      throw refusal(request, why);
    }
    Object.assign(spec, { serviceAccountName: name, serviceAccount: name });
    const secrets = account ? objectsAt(account, 'imagePullSecrets') : [];
    if (objectsAt(spec, 'imagePullSecrets').length === 0 && secrets.length > 0) {
      spec['imagePullSecrets'] = copyJson(secrets);
    }
  }
}
