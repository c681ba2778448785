import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseManifests, type Manifest } from '@trueup/kube';
import { CommandError } from '../command-error.js';

const MANIFEST_FILE = /\.(ya?ml|json)$/;

/**
 * Reads the manifests of files and folders (with their subfolders), in the order of the names.
 *
 * @returns the manifests, and for each file that could not be read why. One bad file does not keep the others out.
 * @throws {@link CommandError} for a path that does not exist or a folder without manifests.
 */
export async function readManifests(
  paths: readonly string[],
): Promise<{ readonly manifests: readonly Manifest[]; readonly problems: readonly string[] }> {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  for (const file of (await Promise.all(paths.map(filesOf))).flat()) {
    try {
      manifests.push(...parseManifests(await readFile(file, 'utf8'), path.relative(process.cwd(), file)));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { manifests, problems };
}

async function filesOf(given: string): Promise<readonly string[]> {
  const found = await stat(given).catch(() => undefined);
  if (found === undefined) throw new CommandError(`--manifests ${given}: there is no such file or folder`);
  if (!found.isDirectory()) return [given];
  const names = (await readdir(given, { recursive: true })).filter((name) => MANIFEST_FILE.test(name)).sort();
  if (names.length === 0) throw new CommandError(`--manifests ${given}: the folder has no .yaml, .yml or .json file`);
  return names.map((name) => path.join(given, name));
}
