#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ControlPlane } from './control-plane.js';
import type { ControllerSwitches } from './server-controllers.js';

const CONTROLLERS: Readonly<Record<string, keyof ControllerSwitches>> = {
  namespaces: 'namespaces',
  'garbage-collection': 'garbageCollection',
  'service-accounts': 'serviceAccounts',
  'role-aggregation': 'roleAggregation',
  'event-expiry': 'eventExpiry',
  'cron-jobs': 'cronJobs',
  disruption: 'disruption',
  quotas: 'quotas',
  autoscaling: 'autoscaling',
  workloads: 'workloads',
};

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly writeKubeconfig?: string;
  readonly data?: string;
  readonly without: readonly string[];
  readonly verbose: boolean;
}

const command = new Command('control-plane')
  .description('Runs a Kubernetes API server, until it is interrupted.')
  .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 0)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--data <path>', 'directory to keep the state in; without it all is gone with the server')
  .option('--write-kubeconfig <path>', 'where to write the kubeconfig; a temporary file when left out')
  .addOption(
    new Option('--without <controllers...>', 'controllers that are not to run')
      .choices(Object.keys(CONTROLLERS))
      .default([]),
  )
  .option('--verbose', 'print stack traces', false)
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

try {
  command.parse();
  await run(command.opts<Flags>());
} catch (error) {
  if (!(error instanceof CommanderError && error.exitCode === 0)) fail(error);
}

async function run({ port, host, writeKubeconfig, data, without, verbose }: Flags): Promise<void> {
  const logger = {
    info: () => undefined,
    error: (fields: Readonly<Record<string, unknown>>, message: string) => {
      const { err } = fields;
      const detail = err instanceof Error ? ((verbose ? err.stack : undefined) ?? err.message) : String(err);
      process.stderr.write(`${message}: ${detail}\n`);
    },
  };
  const controllers = Object.fromEntries(without.map((name) => [CONTROLLERS[name], false]));
  const controlPlane = await ControlPlane.start({
    port,
    host,
    logger,
    controllers,
    ...(data === undefined ? {} : { data }),
  });
  const temporary = writeKubeconfig === undefined ? await mkdtemp(join(tmpdir(), 'trueup-')) : undefined;
  const path = writeKubeconfig ?? join(temporary ?? '', 'kubeconfig');
  const stop = async (): Promise<void> => {
    await controlPlane.stop();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  try {
    await controlPlane.writeKubeconfig(path);
  } catch (error) {
    await stop();
    throw error;
  }
  process.stdout.write(`listening on ${controlPlane.url} (started in ${controlPlane.startedInMs.toFixed(0)} ms)\n`);
  process.stdout.write(`kubectl --kubeconfig ${path} get ns\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop().catch(fail);
    });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('it must be a number from 0 to 65535.');
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const text = error instanceof CommanderError ? message.replace(/^error: /, '') : message;
  const shown = process.argv.includes('--verbose') && error instanceof Error ? error.stack : undefined;
  process.stderr.write(`${shown ?? `error: ${text}`}\n`);
  process.exitCode = 1;
}
