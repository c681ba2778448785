import { Condition, Reconciler, verdict, type Context, type Verdict } from '@trueup/core';
import { CHECKED } from './group-ref.js';
import { MCPGroup } from './resource.js';

/** Finds out who belongs to a group. Makes nothing, and writes to nobody but the group. */
@Reconciler(MCPGroup, {
  name: 'mcpgroup-controller',
  // It once told members of the deletion; they see it themselves.
  formerFinalizers: ['toolhive.stacklok.dev/mcpgroup-finalizer'],
})
export class MCPGroupReconciler {
  @Condition(CHECKED)
  serversChecked(): Verdict {
    return verdict.true(
      'ListMCPServersCheckSucceeded',
      'Successfully listed MCPServers, MCPRemoteProxies, and MCPServerEntries in namespace',
    );
  }

  @Condition('Ready')
  ready(): Verdict {
    return verdict.true('Ready', 'Members of the group are known');
  }

  /** What holds nothing is left out: an empty cell says the same as 0. */
  status(_group: MCPGroup, ctx: Context): Readonly<Record<string, unknown>> {
    const users = ctx.users();
    const named = (kind: string) => users.flatMap((user) => (user.kind === kind ? user.name : []));
    const servers = named('MCPServer');
    const remoteProxies = named('MCPRemoteProxy');
    const entries = named('MCPServerEntry');
    return {
      phase: 'Ready',
      ...(servers.length > 0 && { servers, serverCount: servers.length }),
      ...(remoteProxies.length > 0 && { remoteProxies, remoteProxyCount: remoteProxies.length }),
      ...(entries.length > 0 && { entries, entryCount: entries.length }),
    };
  }
}
