const USER = 1000;
const seccompProfile = { type: 'RuntimeDefault' } as const;

/** OpenShift assigns user and group ids itself and refuses others. */
export interface SecurityContextOptions {
  readonly openShift: boolean;
}

/** Security settings of a proxy pod: those of the restricted Pod Security Standard. */
export function podSecurityContext({ openShift }: SecurityContextOptions) {
  return {
    runAsNonRoot: true,
    ...(!openShift && { runAsUser: USER, runAsGroup: USER, fsGroup: USER }),
    seccompProfile,
  };
}

/** Security settings of the container in it. */
export function containerSecurityContext({ openShift }: SecurityContextOptions) {
  return {
    privileged: false,
    runAsNonRoot: true,
    ...(!openShift && { runAsUser: USER, runAsGroup: USER }),
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    seccompProfile,
    capabilities: { drop: ['ALL'] },
  };
}
