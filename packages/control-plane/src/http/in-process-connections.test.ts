import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { duplexPair } from './duplex-pair.js';

describe('a connection within the process', () => {
  const get = async (controlPlane: ControlPlane, path: string): Promise<IncomingMessage> => {
    const headers = { authorization: `Bearer ${controlPlane.token}` };
    const sent = request({ path, headers, createConnection: () => controlPlane.connect() }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };

  it.each([{ tls: true }, { tls: false }])(
    'is answered like any other, whatever the port speaks: %j',
    async (options) => {
      await using controlPlane = await ControlPlane.start(options);
      const response = await get(controlPlane, '/version');
      expect(JSON.parse(await text(response))).toMatchObject({ major: '1' });
    },
  );

  it('ends when the server stops, a watch too', async () => {
    const controlPlane = await ControlPlane.start({ tls: false });
    const response = await get(controlPlane, '/api/v1/namespaces?watch=true&timeoutSeconds=600');
    const ended = once(response.resume(), 'close');
    await controlPlane.stop();
    await expect(ended).resolves.toBeDefined();
  });
});

describe('a pair of ends', () => {
  it('gives the one what is written to the other, and then the end', async () => {
    const [one, other] = duplexPair();
    one.write('a');
    one.end('b');
    other.end('c');
    expect(await Promise.all([text(other), text(one)])).toEqual(['ab', 'c']);
  });

  it('holds the writer back while nobody reads', async () => {
    const [one, other] = duplexPair();
    const large = 'x'.repeat(1_000_000);
    let isWritten = false;
    one.write(large, () => (isWritten = true));
    expect(one.writableNeedDrain).toBe(true);
    one.end();
    expect(isWritten).toBe(false);
    expect((await text(other)).length).toBe(large.length);
    expect(isWritten).toBe(true);
  });

  it('tells of the destruction of one what a socket tells: the other reads the end, and cannot write', async () => {
    const [one, other] = duplexPair();
    one.write('a');
    one.destroy();
    expect(await text(other)).toBe('a');
    const [broken, reset] = duplexPair();
    broken.destroy();
    reset.write('into the void');
    await expect(once(reset, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
