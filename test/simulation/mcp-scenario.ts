import { Secret } from '@trueup/core';
import { MCPAuthzConfig, mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup } from '@trueup/mcp-group';
import { MCPOIDCConfig, mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { MCPServer, mcpServer } from '@trueup/mcp-server';
import { MCPTelemetryConfig, mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig, mcpToolConfig } from '@trueup/mcp-tool-config';
import { MCPWebhookConfig, mcpWebhookConfig } from '@trueup/mcp-webhook-config';
import { applies, deletes, edits, inOneGo, type Scenario } from '@trueup/testing/simulation';
import { aSecret, anObject, permits, playedRunner } from './objects.js';

const ISSUER = 'https://login.example.com';
const CLIENT = { clientId: 'servers', clientSecretRef: { name: 'login', key: 'client-secret' } };

const configs = [
  anObject(MCPOIDCConfig, 'staff', { type: 'inline', inline: { issuer: ISSUER, ...CLIENT } }),
  anObject(MCPExternalAuthConfig, 'exchange', {
    type: 'tokenExchange',
    tokenExchange: { tokenUrl: `${ISSUER}/oauth2/token`, audience: 'backend', ...CLIENT },
  }),
  anObject(MCPAuthzConfig, 'policy', permits('permit(principal, action, resource);')),
  anObject(MCPToolConfig, 'tools', { toolsFilter: ['search', 'read'] }),
  anObject(MCPTelemetryConfig, 'traces', {
    openTelemetry: { enabled: true, endpoint: 'https://otel.example.com', tracing: { enabled: true } },
  }),
  anObject(MCPWebhookConfig, 'hooks', { validating: [{ name: 'audit', url: 'https://hooks.example.com' }] }),
];

const tickets = anObject(MCPServer, 'tickets', {
  image: 'tickets',
  transport: 'streamable-http',
  oidcConfigRef: { name: 'staff', audience: 'tickets' },
  externalAuthConfigRef: { name: 'exchange' },
  authzConfigRef: { name: 'policy' },
  toolConfigRef: { name: 'tools' },
  telemetryConfigRef: { name: 'traces' },
  webhookConfigRef: { name: 'hooks' },
});
const wiki = anObject(MCPServer, 'wiki', {
  image: 'wiki',
  transport: 'stdio',
  authzConfigRef: { name: 'policy' },
  toolConfigRef: { name: 'tools' },
});

/** Servers and all the configs that they share: in the wrong order, broken, healed, rotated, deleted while used. */
export const mcpScenario: Scenario = {
  name: 'mcp-server',
  modules: [
    mcpAuthzConfig,
    mcpExternalAuthConfig,
    mcpOidcConfig,
    mcpTelemetryConfig,
    mcpToolConfig,
    mcpWebhookConfig,
    mcpGroup,
    mcpServer,
  ],
  ...playedRunner,
  steps: [
    applies('servers come before anything they refer to', tickets, wiki),
    applies('the configs come, the secret is missing', ...configs),
    applies('the secret comes', aSecret('login', { 'client-secret': 'one' })),
    inOneGo(
      'two configs break',
      edits('', MCPAuthzConfig, 'policy', { spec: permits('permit(') }),
      edits('', MCPOIDCConfig, 'staff', { spec: { inline: { issuer: 'http://login.example.com' } } }),
    ),
    applies('the secret is rotated meanwhile', aSecret('login', { 'client-secret': 'two' })),
    inOneGo(
      'they heal, and a third one changes',
      edits('', MCPAuthzConfig, 'policy', { spec: permits('forbid(principal, action, resource);') }),
      edits('', MCPOIDCConfig, 'staff', { spec: { inline: { issuer: ISSUER } } }),
      edits('', MCPToolConfig, 'tools', { spec: { toolsFilter: ['read'] } }),
    ),
    inOneGo(
      'configs are deleted while they are used',
      deletes('', MCPAuthzConfig, 'policy'),
      deletes('', MCPToolConfig, 'tools'),
      deletes('', MCPOIDCConfig, 'staff'),
    ),
    edits('a server gives up its references', MCPServer, 'wiki', {
      spec: { authzConfigRef: null, toolConfigRef: null },
    }),
    inOneGo('the other goes, with its secret', deletes('', MCPServer, 'tickets'), deletes('', Secret, 'login')),
    inOneGo(
      'everything goes',
      deletes('', MCPExternalAuthConfig, 'exchange'),
      deletes('', MCPTelemetryConfig, 'traces'),
      deletes('', MCPServer, 'wiki'),
      deletes('', MCPWebhookConfig, 'hooks'),
    ),
  ],
};
