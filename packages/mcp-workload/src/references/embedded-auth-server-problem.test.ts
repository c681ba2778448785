import { describe, expect, it } from '@jest/globals';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { ProxiedWorkload } from '../proxied-workload.js';
import { embeddedAuthServerProblem } from './embedded-auth-server-problem.js';

const serviceUrl = 'http://mcp-fetch-proxy.demo.svc.cluster.local:8080';
const url = 'https://mcp.example.com';

const aServer = (oidcConfigRef: object | undefined) =>
  ({ kind: 'MCPServer', metadata: { name: 'fetch', namespace: 'demo' }, spec: { oidcConfigRef } }) as ProxiedWorkload;

function anAuthServer(upstreams: number): MCPExternalAuthConfig {
  const upstreamProviders = Array.from({ length: upstreams }, (_, index) => ({
    name: `idp-${index}`,
    type: 'oidc' as const,
    oidcConfig: { issuerUrl: 'https://idp.example.com', clientId: 'c', redirectUri: 'https://mcp.example.com/cb' },
  }));
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPExternalAuthConfig',
    metadata: { name: 'as' },
    spec: { type: 'embeddedAuthServer', embeddedAuthServer: { issuer: url, upstreamProviders } },
  } as MCPExternalAuthConfig;
}

describe('an authorization server in a proxy', () => {
  it.each([
    ['tokens are for the proxy', 1, { audience: serviceUrl }, undefined],
    ['tokens are for the URL it is told', 1, { audience: url, resourceUrl: url }, undefined],
    [
      'there are two upstreams',
      2,
      { audience: serviceUrl },
      'MCPServer supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream',
    ],
    [
      'nobody checks its tokens',
      1,
      undefined,
      'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
    ],
    [
      'the audience is empty',
      1,
      { audience: '' },
      `oidcConfigRef.audience is required when an embedded auth server is active; set audience to "${serviceUrl}" to match resourceUrl`,
    ],
    [
      'tokens are for somebody else',
      1,
      { audience: 'other', resourceUrl: url },
      `oidcConfigRef.audience "other" must match resourceUrl "${url}" when an embedded auth server is active; set audience to "${url}" or set resourceUrl to match audience`,
    ],
  ])('when %s', (_, upstreams, oidc, message) => {
    const user = { workload: aServer(oidc), proxyUrl: serviceUrl };
    expect(embeddedAuthServerProblem(anAuthServer(upstreams), user)?.message).toBe(message);
  });
});
