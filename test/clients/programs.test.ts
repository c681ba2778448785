import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane, type RequestRecord } from '@trueup/control-plane';

const TIMEOUT_MS = 60_000;
const OPERATOR_IN_GO = pathOf('controller-runtime/controller-runtime.test');
const HELM = pathOf('helm/helm.test');

/** Whether Python finds these modules; where it does not, a line says how it would. */
function hasModules(...modules: readonly string[]): boolean {
  try {
    // Finding a module takes a hundredth of the time of importing it.
    const find = 'import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))';
    execFileSync('python3', ['-c', find, ...modules], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(
      `Python has no ${modules.join(' and ')}, their tests are skipped: pip install --target DIR ${modules.join(' ')}; PYTHONPATH=DIR\n`,
    );
    return false;
  }
}

/** Whether tests in Go have been built; where they have not, a line says how. */
function isBuilt(program: string): boolean {
  if (existsSync(program)) return true;
  const { name, base, dir } = path.parse(program);
  process.stderr.write(
    `${name} is not tested: that takes Go, and \`go test -c -o ${base}\` in ${path.relative(process.cwd(), dir)}\n`,
  );
  return false;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

describe('programs by others on the embedded control plane', () => {
  let controlPlane: ControlPlane;
  let folder: string;
  let requests: RequestRecord[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-clients-'));
    controlPlane = await ControlPlane.start();
    await controlPlane.writeKubeconfig(path.join(folder, 'kubeconfig'));
    requests = [];
    controlPlane.requests.subscribe((request) => requests.push(request));
  });
  afterEach(async () => {
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the tests that a program consists of. @throws with what it printed when one fails. */
  const runTests = async (program: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}) => {
    const { stdout, stderr } = await promisify(execFile)(program, [...args], {
      env: {
        ...process.env,
        KUBECONFIG: path.join(folder, 'kubeconfig'),
        TMPDIR: folder,
        PYTHONDONTWRITEBYTECODE: '1',
        ...variables,
      },
    }).catch((error: unknown) => {
      const printed = error as { readonly stdout: string; readonly stderr: string };
      throw new Error(`${program} failed:\n${printed.stdout}${printed.stderr}`);
    });
    return stdout + stderr;
  };

  (hasModules('kubernetes') ? it : it.skip)(
    "the Python client's users find what they rely on",
    async () => {
      expect(await runTests('python3', [pathOf('python/test_client.py')])).toMatch(/\nOK\n$/);
    },
    TIMEOUT_MS,
  );

  (hasModules('kubernetes', 'kopf') ? it : it.skip)(
    'an operator made with kopf does its work',
    async () => {
      expect(await runTests('python3', [pathOf('python/test_kopf.py')])).toMatch(/\nOK\n$/);
    },
    TIMEOUT_MS,
  );

  // The second is how client-go fills its caches by default from Kubernetes 1.35 on.
  (isBuilt(OPERATOR_IN_GO) ? it.each : it.skip.each)([
    { fills: 'lists and watches', isStreamed: false },
    { fills: 'streams', isStreamed: true },
  ])(
    'an operator made with controller-runtime does its work when its cache $fills',
    async ({ isStreamed }) => {
      const variables = { KUBE_FEATURE_WatchListClient: String(isStreamed) };

      expect(await runTests(OPERATOR_IN_GO, ['-test.v'], variables)).toMatch(/^PASS$/m);

      const isListOfCache = ({ verb, resource, group }: RequestRecord) =>
        verb === 'list' && resource === 'websites' && group === 'clients.trueup.dev';
      expect(requests.some(isListOfCache)).toBe(!isStreamed);
    },
    TIMEOUT_MS,
  );

  (isBuilt(HELM) ? it : it.skip)(
    'a Helm release is installed, upgraded, rolled back and removed',
    async () => {
      expect(await runTests(HELM, ['-test.v'], { HOME: folder })).toMatch(/^PASS$/m);
    },
    TIMEOUT_MS,
  );
});
