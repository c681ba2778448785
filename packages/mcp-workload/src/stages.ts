/* Where the building of a workload stops: begins the messages of its status. */

export const BUILD_CONFIGURATION = 'Failed to build configuration: ';
export const BUILD_DEPLOYMENT = 'Failed to build Deployment: ';

/** @param kind - Of the workload. */
export const createRunConfig = (kind: string): string =>
  `${BUILD_CONFIGURATION}failed to create RunConfig from ${kind}: `;
