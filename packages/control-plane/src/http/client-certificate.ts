import type { Http2Session } from 'node:http2';
import { TLSSocket } from 'node:tls';
import type { UserInfo } from '../resources/write-context.js';
import type { ApiRequest } from './messages.js';

/** Whom the certificate of a connection names; `unknown` for one that the server's authority has not signed. */
type Shown = UserInfo | 'none' | 'unknown';

/** By connection: a certificate is read once, however many requests follow. */
const shown = new WeakMap<TLSSocket | Http2Session, Shown>();

/** What a request's connection has shown for a certificate: the common name is the user, organizations are groups. */
export function clientCertificateUser(request: ApiRequest): Shown {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return 'none';
  // In HTTP/2 each request has a stand-in for the socket of its own.
  const connection = ('stream' in request ? request.stream.session : undefined) ?? socket;
  let user = shown.get(connection);
  if (user === undefined) {
    user = readCertificate(socket);
    shown.set(connection, user);
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
