// The API server of a benchmark, with so many samples in it, in a process of its own.
import { ControlPlane } from '@trueup/control-plane';
import { aSample, definitionOf, namespaces, SAMPLE, SITE } from './samples.mjs';

const [, , count] = process.argv;
const controlPlane = await ControlPlane.start({ controllers: { garbageCollection: false, workloads: false } });
const { api, url, token, caCertificate } = controlPlane;
for (const name of [...namespaces, 'bench']) {
  await api.create({ group: '', plural: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
await api.create(definitions, definitionOf(SAMPLE));
await api.create(definitions, definitionOf(SITE, { status: {} }));
await controlPlane.settle();
for (let index = 0; index < Number(count); index++) await api.create(SAMPLE, aSample(index));

process.on('disconnect', () => process.exit());
process.send({ url, token, caCertificate });
