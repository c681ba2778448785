import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { UserInfo } from '../resources/write-context.js';

/** Whom the certificate of a connection names; `unknown` for one that the server's authority has not signed. */
type Shown = UserInfo | 'none' | 'unknown';

/** By connection: a certificate is read once, however many requests follow. */
const shown = new WeakMap<TLSSocket, Shown>();

/** What a request's connection has shown for a certificate: the common name is the user, organizations are groups. */
export function clientCertificateUser({ socket }: IncomingMessage): Shown {
  if (!(socket instanceof TLSSocket)) return 'none';
  let user = shown.get(socket);
  if (user === undefined) {
    user = readCertificate(socket);
    shown.set(socket, user);
  }
  return user;
}

function readCertificate(socket: TLSSocket): Shown {
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return 'none';
  if (!socket.authorized) return 'unknown';
  const { CN: name, O: organizations = [] } = certificate.subject;
  const [username] = listOf(name);
  return username === undefined ? 'unknown' : { username, groups: listOf(organizations) };
}

/** Node gives one value as it is, several as a list. */
function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
