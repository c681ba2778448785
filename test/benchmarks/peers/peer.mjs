// Operators by others, for comparison.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Builds a program in Go; undefined, and a line that says so, where that cannot be done. */
export async function buildPeer(name = 'controller-runtime') {
  const source = fileURLToPath(new URL(name, import.meta.url));
  const program = path.join(source, name);
  try {
    await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: source });
    return program;
  } catch (error) {
    const reason = error.code === 'ENOENT' ? 'there is no `go` on the PATH' : error.message;
    process.stdout.write(`${name} is not compared: ${reason}\n`);
    return undefined;
  }
}

/** Calls back with the path of a kubeconfig for a server, which is gone afterwards. */
export async function withKubeconfig({ url, token, caCertificate }, use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'trueup-bench-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  const authority = caCertificate && { 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server: url, ...authority } }],
    users: [{ name: 'bench', user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  };
  try {
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    return await use(kubeconfig);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
