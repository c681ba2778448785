/** What the server says it is: the Kubernetes release whose behaviour it follows. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

/** The release that the server's behaviour was compared with. */
export const DEFAULT_GIT_VERSION = 'v1.34.1';

/** @throws RangeError for text that is no version, such as `1.34`. */
export function versionInfo(gitVersion: string): VersionInfo {
  const match = /^v(\d+)\.(\d+)\.\d+/.exec(gitVersion);
  if (!match) throw new RangeError(`gitVersion ${JSON.stringify(gitVersion)} must look like ${DEFAULT_GIT_VERSION}`);
  return { major: match[1] ?? '', minor: match[2] ?? '', gitVersion };
}

/** `/version` */
export function versionDocument(info: VersionInfo): Record<string, string> {
  return {
    ...info,
    gitCommit: 'unknown',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
