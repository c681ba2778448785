import { SpecError } from '@trueup/core';
import type { HostVolume } from '../pod-template/pod-patch.js';

const SHELL_CHARACTERS = /[$&;|`]/;

/**
 * Volumes as the runner lists them: `host:container`, and `:ro` for those that are read-only.
 * @throws {@link SpecError} for a path a shell could misread, or one that does not fit the form.
 */
export function volumeList(volumes: readonly HostVolume[]): readonly string[] {
  return volumes.map(({ hostPath, mountPath, readOnly }) => {
    const pair = `${hostPath}:${mountPath}`;
    const dangerous = [hostPath, mountPath].find((path) => SHELL_CHARACTERS.test(path));
    if (dangerous !== undefined) refuse(pair, `potential command injection detected in path: ${dangerous}`);
    if (hostPath === '' || mountPath === '') refuse(pair, 'paths must not be empty');
    if (hostPath.includes(':') || mountPath.includes(':')) refuse(pair, 'paths must not contain a colon');
    return readOnly === true ? `${pair}:ro` : pair;
  });
}

function refuse(volume: string, cause: string): never {
  throw new SpecError(`invalid volume format: ${volume} (${cause})`);
}
