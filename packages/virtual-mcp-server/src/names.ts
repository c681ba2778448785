import { clusterUrl, workloadLabels } from '@trueup/mcp-workload';

/** How the objects around one server are called, all in its namespace. */
export const deploymentName = (server: string): string => server;
export const serviceName = (server: string): string => `vmcp-${server}`;
export const configMapName = (server: string): string => `${server}-vmcp-config`;
/** Of the ServiceAccount, its Role, and what binds them. */
export const accountName = (server: string): string => `${server}-vmcp`;
export const hmacSecretName = (server: string): string => `${server}-hmac-secret`;

/** Labels of the Deployment, its pods and the Service, and the selector of both. */
export const serverLabels = (server: string): Readonly<Record<string, string>> =>
  workloadLabels('virtualmcpserver', server);

/** Where the server listens. */
export const PORT = 4483;

/** Where clients in the cluster reach a server, and its resource URL unless its spec says another. */
export function serverUrl({ name, namespace = '' }: { readonly name: string; readonly namespace?: string }): string {
  return clusterUrl({ service: serviceName(name), namespace, port: PORT });
}

/** A Service has a name of at most 63 characters (RFC 1035), and here `vmcp-` begins it. */
const LONGEST_NAME = 58;

/** Says why the objects around a server could not be called after it; undefined when they can. */
export function nameProblem(name: string): string | undefined {
  if (name.includes('.')) {
    return `the name "${name}" contains a dot, which names of Services cannot; create the server under another name`;
  }
  if (name.length > LONGEST_NAME) {
    return (
      `the name "${name}" has ${name.length} characters; the objects made for it need one of at most ${LONGEST_NAME}, ` +
      'create the server under a shorter name'
    );
  }
  return undefined;
}
