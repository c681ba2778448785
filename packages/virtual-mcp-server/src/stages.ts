/** Where the building of a server stops: begins messages about what its configuration is made of. */
export const CONVERT = 'failed to create vmcp Config from VirtualMCPServer: ';
