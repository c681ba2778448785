import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { remoteUrlProblem } from './remote-url.js';

const address = (host: string, range: string) =>
  `remote URL host is not allowed: IP address ${host} falls within blocked range ${range}`;
const name = (host: string, entry: string) =>
  `remote URL host is not allowed: hostname "${host}" matches blocked internal hostname "${entry}"`;
const number = (host: string) =>
  `remote URL host is not allowed: "${host}" is a number, not a hostname; write the IP address in its usual form`;
const unparsed = (url: string, cause: string) => `remote URL is invalid: parse ${JSON.stringify(url)}: ${cause}`;

describe('remoteUrlProblem', () => {
  it.each([
    ['https://mcp.example.com/v1/server?x=1#y'],
    ['http://1.1.1.1:8080'],
    ['https://u:p@ok.example.com/'],
    ['https://[2001:db8::1]:8443/mcp'],
    ['http://foo.ns.svc'],
    ['https://notlocalhost'],
    ['https://m\u00fcnchen.example/'],
    ['https://metadata.google.internal.example.com'],
  ])('has nothing against %s', (url) => {
    expect(remoteUrlProblem(url)).toBeUndefined();
  });

  it.each([
    ['', 'remote URL must not be empty'],
    ['ftp://x', 'remote URL must use http or https scheme, got "ftp"'],
    ['mcp.example.com', 'remote URL must use http or https scheme, got ""'],
    ['https:///x', 'remote URL must have a valid host'],
    ['https:mcp.example.com', 'remote URL must have a valid host'],
    ['https://', 'remote URL must have a valid host'],
    ['https://a b/', unparsed('https://a b/', 'invalid character " " in host name')],
    ['https://a\\b/', unparsed('https://a\\b/', 'invalid character "\\\\" in host name')],
    ['https://exa%20mple.com/%zz', unparsed('https://exa%20mple.com/%zz', 'invalid URL escape "%20"')],
    ['https://example.com/%zz', unparsed('https://example.com/%zz', 'invalid URL escape "%zz"')],
    ['https://example.com:http/', unparsed('https://example.com:http/', 'invalid port ":http" after host')],
    ['https://[::1/', unparsed('https://[::1/', "missing ']' in host")],
    ['https://a\tb/', unparsed('https://a\tb/', 'net/url: invalid control character in URL')],
    ['://x', unparsed('://x', 'missing protocol scheme')],
    ['http://127.0.0.1:9000/mcp', address('127.0.0.1', '127.0.0.0/8')],
    ['http://0.0.0.0/', address('0.0.0.0', '0.0.0.0/8')],
    ['http://169.254.169.254/latest/meta-data', address('169.254.169.254', '169.254.0.0/16')],
    ['https://[::]/', address('::', '::/128')],
    ['https://[::1]/', address('::1', '::1/128')],
    ['https://[::ffff:127.0.0.1]/', address('::ffff:127.0.0.1', '127.0.0.0/8')],
    ['https://[fe80::1%25eth0]/', address('fe80::1%25eth0', 'fe80::/10')],
    ['https://\uff11\uff12\uff17.0.0.1/', address('\uff11\uff12\uff17.0.0.1', '127.0.0.0/8')],
    ['http://localhost:1', name('localhost', 'localhost')],
    ['http://localhost.', name('localhost.', 'localhost')],
    ['http://x.localhost', name('x.localhost', 'localhost')],
    ['https://KUBERNETES.default/', name('KUBERNETES.default', 'kubernetes.default')],
    ['http://metadata.google.internal/x', name('metadata.google.internal', 'metadata.google.internal')],
    [
      'http://kubernetes.default.svc.cluster.local',
      name('kubernetes.default.svc.cluster.local', 'kubernetes.default.svc.cluster.local'),
    ],
    ['http://2130706433/', number('2130706433')],
    ['http://0x7f.1/', number('0x7f.1')],
    ['http://user@localhost\u3002/', name('localhost\u3002', 'localhost')],
  ])('refuses %j whether or not private endpoints are allowed', (url, problem) => {
    expect(remoteUrlProblem(url)).toBe(problem);
    expect(remoteUrlProblem(url, { allowPrivateEndpoint: true })).toBe(problem);
  });

  it.each([
    ['http://10.0.0.5', address('10.0.0.5', '10.0.0.0/8')],
    ['http://172.31.255.255', address('172.31.255.255', '172.16.0.0/12')],
    ['http://192.168.1.1', address('192.168.1.1', '192.168.0.0/16')],
    ['https://[fd00::1]/', address('fd00::1', 'fc00::/7')],
    ['http://foo.ns.svc.cluster.local', name('foo.ns.svc.cluster.local', 'cluster.local')],
  ])('refuses %s unless private endpoints are allowed', (url, problem) => {
    expect(remoteUrlProblem(url)).toBe(problem);
    expect(remoteUrlProblem(url, { allowPrivateEndpoint: true })).toBeUndefined();
  });

  it('has an answer to any text', () => {
    const urls = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((rest) => `https://${rest}`),
      fc.webUrl(),
      fc.tuple(fc.ipV6(), fc.string()).map(([ip, rest]) => `http://[${ip}]${rest}`),
    );
    fc.assert(
      fc.property(urls, fc.boolean(), (url, allowPrivateEndpoint) => {
        const problem = remoteUrlProblem(url, { allowPrivateEndpoint });
        expect(problem === undefined || problem.startsWith('remote URL ')).toBe(true);
      }),
    );
  });

  it('lets nobody reach a loopback address, however it is written', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map(([a, b, c]) => [127, a, b, c] as const);
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
        const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        const spellings = [
          `${a}.${b}.${c}.${d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[::ffff:${hex(a, b)}:${hex(c, d)}]`,
          `${whole}`,
          `0x${whole.toString(16)}`,
        ];
        for (const host of spellings) {
          expect(remoteUrlProblem(`http://${host}/`, { allowPrivateEndpoint: true })).toContain('is not allowed');
        }
      }),
    );
  });
});
