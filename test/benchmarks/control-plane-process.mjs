// The control plane of a benchmark in a process of its own, which tells what it uses when it is asked.
import { request } from 'node:https';
import { ControlPlane } from '@trueup/control-plane';
import { tellUsage } from './tell-usage.mjs';

const [, , mode] = process.argv;
if (mode === 'tls') {
  const begin = performance.now();
  const { url, caCertificate } = await ControlPlane.start();
  request(`${url}/version`, { ca: caCertificate }, () => {
    process.send({ url, startedInMs: performance.now() - begin });
  }).end();
} else {
  const usage = tellUsage({ countsEncodings: mode === 'counting' });
  const { url, token } = await ControlPlane.start({ tls: false, controllers: { workloads: false } });
  usage.begin();
  process.send({ url, token });
}
