import { textReply, type Reply } from './reply.js';

const CHECKS = ['ping', 'log', 'etcd'];

/** `/healthz`, `/livez` and `/readyz`: a server that answers is healthy. */
export function healthReply(path: string, query: URLSearchParams): Reply | undefined {
  const match = /^\/(healthz|livez|readyz)(?:\/([a-z]+))?\/?$/.exec(path);
  if (!match) return undefined;
  const [, endpoint = '', check] = match;
  if (check !== undefined && !CHECKS.includes(check)) return undefined;
  if (!query.has('verbose')) return textReply(200, 'ok');
  const lines = (check === undefined ? CHECKS : [check]).map((name) => `[+]${name} ok\n`);
  return textReply(200, `${lines.join('')}${endpoint} check passed\n`);
}
