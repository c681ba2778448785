import { Secret } from '@trueup/core';
import { MCPAuthzConfig, mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPGroup, mcpGroup } from '@trueup/mcp-group';
import { MCPOIDCConfig, mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { MCPRemoteProxy, mcpRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer, mcpServer } from '@trueup/mcp-server';
import { MCPServerEntry, mcpServerEntry } from '@trueup/mcp-server-entry';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { applies, deletes, edits, inOneGo, type Scenario } from '@trueup/testing/simulation';
import {
  VirtualMCPCompositeToolDefinition,
  virtualMcpCompositeToolDefinition,
} from '@trueup/virtual-mcp-composite-tool-definition';
import { VirtualMCPServer, virtualMcpServer } from '@trueup/virtual-mcp-server';
import { aSecret, anObject, permits, playedRunner } from './objects.js';

const ISSUER = 'https://login.example.com';
const group = anObject(MCPGroup, 'desk', { description: 'What the support desk works with' });
const inGroup = { groupRef: { name: 'desk' } };

const configs = [
  anObject(MCPOIDCConfig, 'staff', { type: 'inline', inline: { issuer: ISSUER, clientId: 'desk' } }),
  anObject(MCPAuthzConfig, 'policy', permits('permit(principal, action, resource);')),
  anObject(MCPExternalAuthConfig, 'exchange', {
    type: 'tokenExchange',
    tokenExchange: {
      tokenUrl: `${ISSUER}/oauth2/token`,
      audience: 'backend',
      clientId: 'desk',
      clientSecretRef: { name: 'login', key: 'client-secret' },
    },
  }),
];

const tickets = anObject(MCPServer, 'tickets', {
  image: 'tickets',
  transport: 'streamable-http',
  ...inGroup,
  externalAuthConfigRef: { name: 'exchange' },
});
const customers = anObject(MCPRemoteProxy, 'customers', {
  remoteUrl: 'https://mcp.customers.example.com/v1',
  ...inGroup,
  oidcConfigRef: { name: 'staff', audience: 'customers' },
  authzConfigRef: { name: 'policy' },
});
const search = anObject(MCPServerEntry, 'search', {
  remoteUrl: 'https://mcp.search.example.com/mcp',
  transport: 'streamable-http',
  ...inGroup,
});

const findTicket = anObject(VirtualMCPCompositeToolDefinition, 'find-ticket', {
  name: 'find_ticket',
  description: 'Finds a ticket.',
  steps: [{ id: 'ticket', type: 'tool', tool: 'tickets.find' }],
});
const gateway = anObject(VirtualMCPServer, 'desk', {
  ...inGroup,
  incomingAuth: {
    type: 'oidc',
    oidcConfigRef: { name: 'staff', audience: 'desk' },
    authzConfigRef: { name: 'policy' },
  },
  config: { compositeToolRefs: [{ name: 'find-ticket' }] },
});

/** A gateway over a group, its members and the configs all of them share: in the wrong order, changed, broken, taken apart. */
export const gatewayScenario: Scenario = {
  name: 'gateway',
  modules: [
    mcpAuthzConfig,
    mcpExternalAuthConfig,
    mcpOidcConfig,
    mcpTelemetryConfig,
    mcpToolConfig,
    mcpWebhookConfig,
    mcpGroup,
    virtualMcpCompositeToolDefinition,
    mcpServer,
    mcpRemoteProxy,
    mcpServerEntry,
    virtualMcpServer,
  ],
  drawn: ['hmac-secret'],
  ...playedRunner,
  steps: [
    applies('the gateway and a proxy come before what they refer to', gateway, customers),
    inOneGo(
      'group, configs and tool come, the secret is missing',
      applies('', group, findTicket),
      applies('', ...configs),
    ),
    inOneGo(
      'members join, with their secret',
      applies('', tickets),
      applies('', search),
      applies('', aSecret('login', { 'client-secret': 'one' })),
    ),
    inOneGo(
      'policy and login break',
      edits('', MCPAuthzConfig, 'policy', { spec: permits('permit(') }),
      edits('', MCPOIDCConfig, 'staff', { spec: { inline: { issuer: 'http://login.example.com' } } }),
    ),
    inOneGo(
      'a member leaves while they heal, and the tool changes',
      deletes('', MCPServerEntry, 'search'),
      edits('', MCPAuthzConfig, 'policy', { spec: permits('forbid(principal, action, resource);') }),
      edits('', MCPOIDCConfig, 'staff', { spec: { inline: { issuer: ISSUER } } }),
      edits('', VirtualMCPCompositeToolDefinition, 'find-ticket', { spec: { description: 'Finds tickets.' } }),
    ),
    inOneGo(
      'what is used is deleted',
      deletes('', MCPGroup, 'desk'),
      deletes('', MCPAuthzConfig, 'policy'),
      deletes('', VirtualMCPCompositeToolDefinition, 'find-ticket'),
    ),
    inOneGo(
      'the proxy gives up its policy, the gateway goes',
      edits('', MCPRemoteProxy, 'customers', { spec: { authzConfigRef: null } }),
      deletes('', VirtualMCPServer, 'desk'),
    ),
    inOneGo(
      'everything goes',
      deletes('', MCPServer, 'tickets'),
      deletes('', MCPExternalAuthConfig, 'exchange'),
      deletes('', MCPOIDCConfig, 'staff'),
      deletes('', MCPRemoteProxy, 'customers'),
      deletes('', Secret, 'login'),
    ),
  ],
};
