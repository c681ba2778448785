import type { ControlPlane } from '@trueup/control-plane';
import type { OperatorModule, OperatorOptions } from '@trueup/core';

/** An operator as the `trueup` command runs and generates it. */
export interface OperatorApplication {
  /** One word, for the User-Agent and the table's title. */
  readonly name: string;
  readonly modules: readonly OperatorModule[];
  /** Overrides what the modules registered. */
  readonly register?: OperatorOptions['register'];
  /** Sample objects to start with: a file or a folder. */
  readonly manifests: string;
  /** Called with the embedded API server before anything runs: the place for stand-ins of container images. */
  readonly prepare?: (controlPlane: ControlPlane) => unknown;
}

/** Declares an application. Gives back what it gets; exists for the type and for the reader. */
export function defineApplication(application: OperatorApplication): OperatorApplication {
  return application;
}
