import { describe, expect, it } from '@jest/globals';
import { isSpecError } from '@trueup/core';
import { requireServerName, serverUrl } from './names.js';
import { MCPServer } from './resource.js';

function aServer(name: string, given: object): MCPServer {
  const spec = MCPServer.definition.spec.parse({ image: 'i', ...given });
  return { apiVersion: '', kind: 'MCPServer', metadata: { name, namespace: 'team' }, spec };
}

describe('the address of a server', () => {
  it.each([
    [{ transport: 'sse' }, 'http://mcp-yardstick-proxy.team.svc.cluster.local:8080/sse#yardstick'],
    [{ transport: 'stdio', proxyMode: 'sse' }, 'http://mcp-yardstick-proxy.team.svc.cluster.local:8080/sse#yardstick'],
    [{ transport: 'stdio' }, 'http://mcp-yardstick-proxy.team.svc.cluster.local:8080/mcp'],
    [
      { transport: 'streamable-http', proxyMode: 'sse', proxyPort: 9000 },
      'http://mcp-yardstick-proxy.team.svc.cluster.local:9000/mcp',
    ],
  ] as const)('for %j is %s', (given, url) => {
    expect(serverUrl(aServer('yardstick', given))).toBe(url);
  });
});

describe('the name of a server', () => {
  it.each([
    ['a.b', 'stdio', /contains a dot/],
    ['x'.repeat(53), 'stdio', /has 53 characters; .* at most 52/],
    ['x'.repeat(51), 'sse', /has 51 characters; .* at most 50/],
  ] as const)('%s is refused for transport %s', (name, transport, message) => {
    expect.assertions(2);
    try {
      requireServerName(aServer(name, { transport }));
    } catch (error) {
      expect(isSpecError(error)).toBe(true);
      expect(String(error)).toMatch(message);
    }
  });

  it.each([
    ['x'.repeat(52), 'stdio'],
    ['x'.repeat(50), 'sse'],
  ] as const)('%s is fine for transport %s', (name, transport) => {
    expect(() => requireServerName(aServer(name, { transport }))).not.toThrow();
  });
});
