import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { errorReply, sendReply } from './reply.js';
import { readRequestBody } from './request-body.js';

describe('readRequestBody', () => {
  let server: Server;

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives up on a body that never ends: the client is told, and its connection ends', async () => {
    server = createServer((request, response) => {
      readRequestBody(request, 10).catch((error: unknown) =>
        sendReply(request, response, errorReply(error, undefined, false)),
      );
    }).listen(0);
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port);
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"kind":');

    const answer = await text(client);

    expect(answer).toMatch(/^HTTP\/1\.1 504 /);
    expect(answer).toContain('"message":"Timeout: request did not complete within the allotted timeout"');
  });

  it('fails when the client goes before it has sent it all', async () => {
    const read = new Promise((resolve) => {
      server = createServer((request) => {
        readRequestBody(request).then(resolve, resolve);
      }).listen(0);
    });
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port);
    client.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"kind":');

    await expect(read).resolves.toMatchObject({ code: 500, message: 'unexpected EOF' });
  });
});
