// An API server in a thread of its own, for tests that block the main thread.
import { parentPort } from 'node:worker_threads';
import './typescript-threads.mjs';

const { ControlPlane } = await import('@trueup/control-plane');
const controlPlane = await ControlPlane.start({ tls: false });
parentPort.postMessage({ server: controlPlane.url, token: controlPlane.token });
