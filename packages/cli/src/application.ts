import type { ControlPlane } from '@trueup/control-plane';
import type { OperatorModule, OperatorOptions, PermissionOptions } from '@trueup/core';
import type { Feature } from './features.js';

/** An operator as the `trueup` command runs and generates it. */
export interface OperatorApplication {
  /** One word: the User-Agent, the table's title, and what begins the names of everything that is installed for it. */
  readonly name: string;
  readonly modules: readonly OperatorModule[];
  /** What runs besides where the environment asks for it. */
  readonly features?: readonly Feature[];
  /** Overrides what the modules registered. */
  readonly register?: OperatorOptions['register'];
  /** Field managers of an operator that this one takes over from; see {@link OperatorOptions.formerManagers}. */
  readonly formerManagers?: OperatorOptions['formerManagers'];
  /** Sample objects to start with: a file or a folder. */
  readonly manifests: string;
  /** The container image in generated manifests. Default: `<name>:latest`. */
  readonly image?: string;
  /** Name of the Lease by which replicas elect their leader. Default: `<name>-leader-election`. */
  readonly lease?: string;
  /** Names that `--shard` is given: the replicas of each shard may elect a leader of their own. Default: there are no shards. */
  readonly shards?: readonly string[];
  /** Called with the embedded API server before anything runs: the place for stand-ins of container images. */
  readonly prepare?: (controlPlane: ControlPlane) => unknown;
}

/** Declares an application. Gives back what it gets; exists for the type and for the reader. */
export function defineApplication(application: OperatorApplication): OperatorApplication {
  return application;
}

/** What the permissions of an application depend on besides its modules. */
export function permissionOptions(application: OperatorApplication): PermissionOptions {
  return {
    lease: leaseOf(application),
    shards: application.shards ?? [],
    takesOver: (application.formerManagers ?? []).length > 0,
    issuesCertificatesAs: application.name,
  };
}

/** Name of the Lease by which replicas of an application elect their leader. */
export function leaseOf({ name, lease }: Pick<OperatorApplication, 'name' | 'lease'>): string {
  return lease ?? `${name}-leader-election`;
}
