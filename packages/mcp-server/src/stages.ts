/* Where the building of a server stops: begins the messages of its summary. */

export const BUILD_CONFIGURATION = 'Failed to build configuration: ';
export const CREATE_RUN_CONFIG = `${BUILD_CONFIGURATION}failed to create RunConfig from MCPServer: `;
export const BUILD_DEPLOYMENT = 'Failed to build Deployment: ';
