import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OPERATOR = fileURLToPath(new URL('operator.mjs', import.meta.url));
const TIMEOUT_MS = 240_000;

/** What `operator.mjs` prints. */
interface Report {
  /** How many texts were searched for. */
  readonly values: number;
  readonly unready: readonly string[];
  readonly secretReads: readonly { readonly verb: string; readonly fieldSelector?: string }[];
  readonly loggedLines: number;
  readonly metricsLines: number;
  readonly shown: readonly string[];
  readonly held: readonly string[];
  readonly findsNames: boolean;
}

const run = promisify(execFile);

describe('the operator, on workloads that take all they can from Secrets', () => {
  let folder: string;
  let report: Report;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-secrets-'));
    await run('npx', ['tsc', '-b'], { cwd: ROOT });
    const { stdout } = await run(process.execPath, [OPERATOR, folder], { env: { PATH: process.env['PATH'] } });
    report = JSON.parse(stdout) as Report;
  }, TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds every one of them', () => {
    expect(report.unready).toEqual([]);
    const watched = new Set(report.secretReads.flatMap(({ fieldSelector }) => fieldSelector ?? []));
    for (const name of ['exchange', 'oidc', 'telemetry', 'webhook', 'server', 'redis', 'env-from', 'header']) {
      expect([...watched]).toContain(`metadata.name=s-${name}`);
    }
  });

  it('lists and watches no Secrets but those that are named, each by its name', () => {
    const others = report.secretReads.filter(({ verb }) => verb === 'list' || verb === 'watch');
    expect(others.filter(({ fieldSelector = '' }) => !/^metadata\.name=[a-z-]+$/.test(fieldSelector))).toEqual([]);
  });

  it('shows nothing of what they hold: not in logs, requests, events, statuses, children or metrics', () => {
    expect(Math.min(report.loggedLines, report.metricsLines, report.values)).toBeGreaterThan(20);
    expect(report.shown).toEqual([]);
  });

  it('keeps nothing of what they hold in memory, before they are rotated or after', () => {
    expect(report.findsNames).toBe(true);
    expect(report.held).toEqual([]);
  });
});
