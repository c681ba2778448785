import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, realpath, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package as `npm pack` made it. */
export interface PackedPackage extends Manifest {
  /** Paths in the package: `dist/index.js`. */
  readonly files: readonly string[];
}

interface PackResult {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/**
 * The packages of a repository as strangers get them: packed, and installed so that each finds what its own package.json
 * declares and nothing else. Packages of others are taken from the repository's `node_modules`, in the versions that are
 * asked for.
 */
export class IsolatedStore {
  private constructor(
    private readonly folder: string,
    readonly packages: ReadonlyMap<string, PackedPackage>,
  ) {}

  /** Packs and installs every package of the repository that is not private. */
  static async fill(folder: string, repository: string): Promise<IsolatedStore> {
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--workspaces', '--ignore-scripts', '--pack-destination', folder],
      { cwd: repository, maxBuffer: 64 * 1024 * 1024 },
    );
    const packed = (JSON.parse(stdout) as readonly PackResult[]).filter(({ name }) => !name.includes('/example-'));
    const packages = new Map<string, PackedPackage>();
    const store = new IsolatedStore(folder, packages);
    for (const { name, filename, files } of packed) {
      const home = store.#home(name);
      await mkdir(home, { recursive: true });
      await run('tar', ['-xzf', path.join(folder, filename), '-C', home, '--strip-components=1']);
      packages.set(name, { ...(await manifestIn(home)), files: files.map((file) => file.path) });
    }
    const folders = await packageFolders(repository);
    for (const { name, dependencies, optionalDependencies } of packages.values()) {
      for (const [dependency, range] of Object.entries({ ...dependencies, ...optionalDependencies })) {
        const target = packages.has(dependency)
          ? store.#home(dependency)
          : await installed(dependency, range, [folders.get(name) ?? repository, repository]);
        await link(target, path.join(store.#modules(name), dependency));
      }
    }
    return store;
  }

  /** A new folder in which these packages are installed, and nothing else. */
  async project(name: string, packages: readonly string[]): Promise<string> {
    const project = path.join(this.folder, 'projects', name);
    for (const each of packages) await link(this.#home(each), path.join(project, 'node_modules', each));
    return project;
  }

  /** What a package sees around itself. */
  #modules(name: string): string {
    return path.join(this.folder, 'store', name.replace('/', '+'), 'node_modules');
  }

  #home(name: string): string {
    return path.join(this.#modules(name), name);
  }
}

async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Folders of the repository's packages, by name. */
async function packageFolders(repository: string): Promise<ReadonlyMap<string, string>> {
  const parent = path.join(repository, 'packages');
  const folders = (await readdir(parent)).map((name) => path.join(parent, name));
  return new Map(await Promise.all(folders.map(async (folder) => [(await manifestIn(folder)).name, folder] as const)));
}

/** Where a package of somebody else's is installed. @throws when it is not there in the version asked for. */
async function installed(name: string, version: string, within: readonly string[]): Promise<string> {
  for (const folder of within) {
    const found = await realpath(path.join(folder, 'node_modules', name)).catch(() => undefined);
    if (found !== undefined && (await manifestIn(found)).version === version) return found;
  }
  throw new Error(`${name} ${version} is declared and not installed; pin the version that is, or run npm install`);
}

async function link(target: string, at: string): Promise<void> {
  await mkdir(path.dirname(at), { recursive: true });
  await symlink(target, at, 'dir');
}
