import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bearer, fileCredentials, RenewingCredentials, type PluginRun } from './credentials.js';
import { execCredentials } from './exec-credentials.js';
import { Fields } from './fields.js';
import { anAuthority } from './test-support/certificates.js';
import { ManualClock, until } from './test-support/manual-clock.js';

let directory: string;
let clock: ManualClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trueup-credentials-'));
  clock = new ManualClock();
});

afterEach(() => rm(directory, { recursive: true }));

describe('renewing credentials', () => {
  it('are fetched once for all who wait, and again when they are due', async () => {
    let fetches = 0;
    const provider = new RenewingCredentials(() => {
      fetches += 1;
      return Promise.resolve({ credentials: bearer(`t${fetches}`), renewAtMs: clock.now() + 1_000 });
    }, clock);

    const first = await Promise.all(Array.from({ length: 50 }, () => provider.current()));
    clock.advance(999);
    await provider.current();
    expect(fetches).toBe(1);
    clock.advance(1);

    expect(new Set(first.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer t1']));
    expect(await provider.current()).toEqual(bearer('t2'));
  });

  it('are asked for again after a failure', async () => {
    let fetches = 0;
    const provider = new RenewingCredentials(() => {
      fetches += 1;
      return fetches === 1
        ? Promise.reject(new Error('not yet'))
        : Promise.resolve({ credentials: bearer('t'), renewAtMs: Infinity });
    }, clock);

    await expect(provider.current()).rejects.toThrow('not yet');
    await expect(provider.current()).resolves.toEqual(bearer('t'));
  });

  it('that were refused after they had been renewed are left alone', async () => {
    let fetches = 0;
    const provider = new RenewingCredentials(() => {
      fetches += 1;
      return Promise.resolve({ credentials: bearer(`t${fetches}`), renewAtMs: Infinity });
    }, clock);
    const old = await provider.current();
    provider.refused(old);
    await provider.current();

    provider.refused(old);

    expect(await provider.current()).toEqual(bearer('t2'));
  });
});

describe('a token file', () => {
  it('is read once a minute, without its last newline', async () => {
    const token = join(directory, 'token');
    await writeFile(token, 'first\n');
    const provider = fileCredentials({ token }, {}, clock);
    expect(await provider.current()).toEqual(bearer('first'));

    await writeFile(token, 'second\n');
    expect(await provider.current()).toEqual(bearer('first'));
    clock.advance(60_000);

    expect(await provider.current()).toEqual(bearer('second'));
  });

  it('that is gone is named', async () => {
    const token = join(directory, 'token');

    await expect(fileCredentials({ token }, {}, clock).current()).rejects.toMatchObject({
      code: 'ERR_KUBE_CREDENTIALS',
      message: `Cannot read the credential file ${token}`,
    });
  });
});

describe('a credential plugin', () => {
  const cluster = { name: 'c', server: 'https://c:6443', namespace: 'default', ca: 'PEM' };

  /** A plugin that runs this script; it may append to the file `runs`. */
  function plugin(script: string, more: object = {}): ReturnType<typeof execCredentials> {
    const exec = new Fields(
      {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', script],
        interactiveMode: 'Never',
        ...more,
      },
      'users[0].user.exec',
    );
    return execCredentials(exec, directory, cluster, clock);
  }

  function printing(status: object): string {
    return `console.log(JSON.stringify({ kind: 'ExecCredential', status: ${JSON.stringify(status)} }))`;
  }

  it('runs once for fifty requests at a time', async () => {
    const runs = join(directory, 'runs');
    const provider = plugin(`require('fs').appendFileSync(${JSON.stringify(runs)}, 'x'); ${printing({ token: 't' })}`);

    const all = await Promise.all(Array.from({ length: 50 }, () => provider.current()));
    await provider.current();

    expect(all).toEqual(Array(50).fill(bearer('t')));
    expect(readFileSync(runs, 'utf8')).toBe('x');
  });

  it('runs again a minute before its token expires', async () => {
    const expirationTimestamp = new Date(clock.now() + 600_000).toISOString();
    const runs = join(directory, 'runs');
    const provider = plugin(
      `require('fs').appendFileSync(${JSON.stringify(runs)}, 'x'); ${printing({ token: 't', expirationTimestamp })}`,
    );
    const count = (): number => readFileSync(runs, 'utf8').length;

    await provider.current();
    clock.advance(539_999);
    await provider.current();
    expect(count()).toBe(1);
    clock.advance(1);
    await provider.current();

    expect(count()).toBe(2);
  });

  it('may give a certificate, which is then renewed before it expires', async () => {
    const { cert, key } = await (await anAuthority('kubernetes')).client('jane');
    const provider = plugin(printing({ clientCertificateData: cert, clientKeyData: key }));
    const runs: PluginRun[] = [];
    provider.onPluginRun?.((run) => runs.push(run));

    await expect(provider.current()).resolves.toEqual({ certificate: cert, key });
    const { certificate } = runs[0] ?? {};
    expect(certificate?.untilMs).toBe(Date.parse(new X509Certificate(cert).validTo));
    clock.advance((certificate?.untilMs ?? 0) - 60_001 - clock.now());
    await provider.current();
    expect(runs).toHaveLength(1);
    clock.advance(1);
    await provider.current();

    expect(runs).toHaveLength(2);
  });

  it('is told about the cluster where it wants to know', async () => {
    const script = `
      const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: [spec.interactive, spec.cluster.server, process.env.EXTRA].join() } }))`;
    const provider = plugin(script, { provideClusterInfo: true, env: [{ name: 'EXTRA', value: 'x' }] });

    await expect(provider.current()).resolves.toEqual(bearer('false,https://c:6443,x'));
  });

  it.each([
    {
      name: 'fails',
      script: 'process.exitCode = 3',
      problem: 'ended with exit code 3',
      run: { outcome: 'plugin_execution_error', exitCode: 3 },
    },
    { name: 'prints no JSON', script: 'console.log("hi")', problem: 'printed something that is not JSON' },
    { name: 'prints something else', script: 'console.log("{}")', problem: 'printed no ExecCredential with a status' },
    { name: 'gives nothing', script: printing({}), problem: 'printed neither a token nor a certificate' },
    {
      name: 'gives no certificate for one',
      script: printing({ clientCertificateData: 'CERT' }),
      problem: 'printed a certificate that cannot be read',
    },
  ])('that $name is an error that says so, and is told of', async ({ script, problem, run }) => {
    const provider = plugin(script);
    const runs: PluginRun[] = [];
    provider.onPluginRun?.((each) => runs.push(each));

    await expect(provider.current()).rejects.toMatchObject({
      name: 'CredentialsError',
      code: 'ERR_KUBE_CREDENTIALS',
      message: `The credential plugin ${process.execPath} ${problem}`,
    });
    expect(runs).toEqual([run ?? { outcome: 'client_internal_error', exitCode: 1 }]);
  });

  it('that is not installed comes with the hint how to install it', async () => {
    const provider = plugin('', { command: 'trueup-no-such-plugin', installHint: 'See example.com\n' });

    await expect(provider.current()).rejects.toMatchObject({
      message: 'The credential plugin trueup-no-such-plugin is not installed. See example.com',
    });
  });

  it('that hangs is killed after a minute', async () => {
    const current = expect(plugin('setInterval(() => {}, 1000)').current()).rejects.toMatchObject({
      message: `The credential plugin ${process.execPath} gave no credentials within 60 s`,
    });
    await until(() => clock.delays.length === 1);

    clock.advance(60_000);

    await current;
  });

  it('of a version we do not speak is refused', () => {
    expect(() => plugin('', { apiVersion: 'client.authentication.k8s.io/v1alpha1' })).toThrow(
      'users[0].user.exec.apiVersion: client.authentication.k8s.io/v1alpha1 is not one of ' +
        'client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1',
    );
  });
});
