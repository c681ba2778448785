import { describe, expect, it } from '@jest/globals';
import { decodeMessage, openEnvelope, ProtobufError } from './protobuf.js';

/** One field of a message: strings and messages are length-delimited, numbers are varints. */
function field(number: number, value: string | number | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

describe('protobuf', () => {
  it('opens the envelope that kubectl sends', () => {
    const hex = '6b387300 0a0f0a02763112094e616d657370616365 120e0a0c0a0a70726f746f2d636f6e66 1a00 2200';

    const envelope = openEnvelope(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

    expect(envelope).toMatchObject({ apiVersion: 'v1', kind: 'Namespace' });
    expect(decodeMessage('io.k8s.api.core.v1.Namespace', envelope.message)).toMatchObject({
      metadata: { name: 'proto-conf' },
    });
  });

  it('reads maps, bytes and times', () => {
    const metadata = message(field(1, 's'), field(8, message(field(1, 60), field(2, 0))));
    const secret = message(field(1, metadata), field(2, message(field(1, 'k'), field(2, 'value'))), field(3, 'Opaque'));

    expect(decodeMessage('io.k8s.api.core.v1.Secret', secret)).toMatchObject({
      metadata: { name: 's', creationTimestamp: '1970-01-01T00:01:00Z' },
      data: { k: Buffer.from('value').toString('base64') },
      type: 'Opaque',
    });
  });

  it('reads an IntOrString of either kind', () => {
    const port = (target: Buffer): Buffer => field(1, message(field(3, 80), field(4, target)));
    const service = message(
      field(2, message(port(message(field(1, 0), field(2, 8))), port(message(field(1, 1), field(3, 'http'))))),
    );

    expect(decodeMessage('io.k8s.api.core.v1.Service', service)).toMatchObject({
      spec: {
        ports: [
          { port: 80, targetPort: 8 },
          { port: 80, targetPort: 'http' },
        ],
      },
    });
  });

  it('refuses what is no protobuf, or ends early', () => {
    expect(() => openEnvelope(Buffer.from('{}'))).toThrow(ProtobufError);
    expect(() => decodeMessage('io.k8s.api.core.v1.Secret', Buffer.from([0x0a, 0x7f, 0x01]))).toThrow(/unexpected EOF/);
  });
});
