// The API server of a benchmark, in a process of its own.
import { ControlPlane } from '@trueup/control-plane';
import application from '../../examples/operator/dist/operator.js';

const controlPlane = await ControlPlane.start({ tls: process.argv[2] !== '--plain' });
application.prepare(controlPlane);
const { url, token, caCertificate, startedInMs } = controlPlane;
process.send({ url, token, caCertificate, startedInMs });
