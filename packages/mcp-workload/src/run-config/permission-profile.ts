import { SpecError } from '@trueup/core';
import { permissionProfile, type PermissionProfileSection } from './sections.js';

const NETWORK: PermissionProfileSection = {
  name: 'network',
  network: { outbound: { insecure_allow_all: true }, inbound: {} },
};
const NONE: PermissionProfileSection = { name: 'none', network: { outbound: {}, inbound: {} } };

/** The profile of a workload that names none. */
export const DEFAULT_PROFILE = NETWORK;

/**
 * A profile that the runner has built in.
 * @throws {@link SpecError} for a name it does not know.
 */
export function builtinProfile(name: string): PermissionProfileSection {
  switch (name) {
    case 'network':
      return NETWORK;
    case 'none':
    case 'stdio':
      return NONE;
    default:
      throw new SpecError(`unknown builtin permission profile "${name}": use none or network, or type configmap`);
  }
}

/**
 * Reads a profile as users write them into ConfigMaps.
 * @param source - Where it came from, for messages: `ConfigMap ns/name key "profile.json"`.
 * @throws {@link SpecError} when it is not JSON, or not a profile.
 */
export function parseProfile(text: string, source: string): PermissionProfileSection {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new SpecError(`permission profile from ${source} is not JSON`);
  }
  const { data, error } = permissionProfile.safeParse(document);
  if (error === undefined) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`);
  throw new SpecError(`permission profile from ${source} is invalid: ${problems.join('; ')}`);
}

/** The profile with directories of the node to read or to write; of one mount path the first counts. */
export function withMounts(
  profile: PermissionProfileSection,
  mounts: readonly { readonly hostPath: string; readonly mountPath: string; readonly readOnly?: boolean }[],
): PermissionProfileSection {
  const seen = new Set([...(profile.read ?? []), ...(profile.write ?? [])].map((entry) => entry.split(':').at(-1)));
  const added = mounts.filter(({ mountPath }) => !seen.has(mountPath) && seen.add(mountPath));
  const read = [...(profile.read ?? []), ...entries(added.filter(({ readOnly }) => readOnly === true))];
  const write = [...(profile.write ?? []), ...entries(added.filter(({ readOnly }) => readOnly !== true))];
  const { name, network, privileged } = profile;
  return {
    ...(name !== undefined && { name }),
    ...(read.length > 0 && { read }),
    ...(write.length > 0 && { write }),
    ...(network !== undefined && { network }),
    ...(privileged !== undefined && { privileged }),
  };
}

const entries = (mounts: readonly { readonly hostPath: string; readonly mountPath: string }[]) =>
  mounts.map(({ hostPath, mountPath }) => `${hostPath}:${mountPath}`);
