#!/usr/bin/env node
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import type { OperatorApplication } from './application.js';
import { CommandError, describeError } from './command-error.js';
import { crdFiles, staleFiles, writeFiles } from './generate/generate-crds.js';

interface GenerateOptions {
  readonly operator: string;
  readonly crds: string;
  readonly check: boolean;
}

const program = new Command('trueup').description('Tools for operators written with Trueup.');
program.option('--verbose', 'show stack traces', false);
program
  .command('generate')
  .description("Writes the CustomResourceDefinitions of an operator's kinds.")
  .requiredOption(
    '--operator <file>',
    'the compiled module whose default export is the application (defineApplication)',
  )
  .requiredOption('--crds <folder>', 'where the CustomResourceDefinitions go, one file a kind')
  .option('--check', 'write nothing; fail when the files are not what the code makes', false)
  .action(generate);

async function generate({ operator, crds, check }: GenerateOptions): Promise<void> {
  const { modules } = await loadApplication(operator);
  const files = crdFiles(modules.flatMap((module) => module.kinds));
  if (!check) {
    await writeFiles(crds, files);
    process.stdout.write(`${files.size} CustomResourceDefinitions in ${crds}\n`);
    return;
  }
  const stale = await staleFiles(crds, files);
  if (stale.length > 0) {
    throw new CommandError(
      `${crds} is not what the code makes: ${stale.join(', ')}; run \`npm run generate\` and commit`,
    );
  }
  process.stdout.write(`${crds} is what the code makes (${files.size} files)\n`);
}

async function loadApplication(file: string): Promise<OperatorApplication> {
  const loaded = (await import(pathToFileURL(path.resolve(file)).href)) as { readonly default?: OperatorApplication };
  if (loaded.default === undefined)
    throw new CommandError(`${file} has no default export; export default defineApplication({…})`);
  return loaded.default;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeError(error, program.opts<{ verbose: boolean }>().verbose)}\n`);
  process.exitCode = 1;
}
