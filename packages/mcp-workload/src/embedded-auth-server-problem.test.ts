import { describe, expect, it } from '@jest/globals';
import { embeddedAuthServerProblem } from './embedded-auth-server-problem.js';

const serviceUrl = 'http://mcp-fetch-proxy.demo.svc.cluster.local:8080';
const url = 'https://mcp.example.com';

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
    expect(embeddedAuthServerProblem(upstreams, { kind: 'MCPServer', oidc, serviceUrl })?.message).toBe(message);
  });
});
