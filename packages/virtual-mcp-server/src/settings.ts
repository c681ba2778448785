/** What holds for all VirtualMCPServers of an operator. An application replaces it by registering its own for this class. */
export class VirtualServerSettings {
  /** Image of the server. */
  readonly image: string;

  /** @param options - `image`: default `ghcr.io/stacklok/toolhive/vmcp:latest`. */
  constructor({ image = 'ghcr.io/stacklok/toolhive/vmcp:latest' }: { readonly image?: string } = {}) {
    this.image = image;
  }

  /** Reads the operator's environment: `VMCP_IMAGE`. */
  static fromEnvironment({ VMCP_IMAGE }: Readonly<Record<string, string | undefined>>): VirtualServerSettings {
    return new VirtualServerSettings(VMCP_IMAGE ? { image: VMCP_IMAGE } : {});
  }
}
