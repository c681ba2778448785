import { contentRefsOf, type ContentRef, type EnvVar } from '@trueup/core';
import type { MountedVolume } from './proxy-deployment.js';

/** What the proxy's container takes in only when it starts. */
export function podContents(
  env: readonly EnvVar[] = [],
  mounted: readonly MountedVolume[] = [],
): readonly ContentRef[] {
  const volumeMounts = mounted.map(({ volume, mount }) => ({ name: volume.name, ...mount }));
  const volumes = mounted.map(({ volume }) => volume);
  return contentRefsOf({ containers: [{ name: 'any', env, volumeMounts }], volumes });
}
