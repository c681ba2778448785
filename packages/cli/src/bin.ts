#!/usr/bin/env node
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import type { OperatorApplication } from './application.js';
import { CommandError, describeError } from './command-error.js';
import { staleFiles, writeFolder } from './generate/generated-folder.js';
import { operatorFolders, type GenerateTargets } from './generate/operator-folders.js';

interface GenerateOptions extends GenerateTargets {
  readonly operator: string;
  readonly check: boolean;
}

const program = new Command('trueup').description('Tools for operators written with Trueup.');
program.option('--verbose', 'show stack traces', false);
program
  .command('generate')
  .description(
    'Writes what follows from the declarations of an operator: its kinds, its permissions, what it is installed as.',
  )
  .requiredOption(
    '--operator <file>',
    'the compiled module whose default export is the application (defineApplication)',
  )
  .option('--crds <folder>', 'where the CustomResourceDefinitions go, one file a kind')
  .option('--kustomize <folder>', 'where a kustomize base goes: the operator with its account, its roles and the kinds')
  .option('--chart <folder>', 'the Helm chart whose rules go to its folder rbac; the rest of it is yours')
  .option('--check', 'write nothing; fail when the files are not what the code makes', false)
  .action(generate);

async function generate({ operator, check, ...targets }: GenerateOptions): Promise<void> {
  const folders = operatorFolders(await loadApplication(operator), targets);
  if (folders.length === 0) throw new CommandError('nothing to generate; give --crds, --kustomize or --chart a folder');
  if (!check) {
    for (const folder of folders) await writeFolder(folder);
  } else {
    const stale = (await Promise.all(folders.map(staleFiles))).flat();
    if (stale.length > 0)
      throw new CommandError(`not what the code makes: ${stale.join(', ')}; run \`npm run generate\` and commit`);
  }
  for (const { folder, files } of folders)
    process.stdout.write(`${folder}: ${files.size} files${check ? ' are what the code makes' : ''}\n`);
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
