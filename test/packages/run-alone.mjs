// Runs the module of one package, from where that package is installed, on an API server of its own.
import { ControlPlane } from '@trueup/control-plane';
import { Operator } from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';

/** @returns the object when nothing is left to do. */
export async function runAlone(packageName, object) {
  const module = Object.values(await import(packageName)).find((exported) => Array.isArray(exported?.reconcilers));
  const controlPlane = await ControlPlane.start({ tls: false });
  const connection = clusterFromToken({ server: controlPlane.url, token: controlPlane.token });
  const client = new Client(connection);
  const operator = await Operator.create({ modules: [module], connection: { ...connection, namespace: 'default' } });
  try {
    await operator.installKinds();
    await operator.start();
    const resource = await client.discover(identityOf(object));
    const created = await client.create(resource, object);
    await operator.settle();
    return await client.get(resource, created.metadata);
  } finally {
    await operator.stop();
    await client.close();
    await controlPlane.stop();
  }
}

function identityOf({ apiVersion, kind }) {
  const [group, version] = apiVersion.split('/');
  return { group, version, kind };
}
