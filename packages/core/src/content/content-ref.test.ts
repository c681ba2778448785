import { describe, expect, it } from '@jest/globals';
import { contentRefsOf, formatContentRef } from './content-ref.js';

const container = (parts: object) => ({ name: 'c', ...parts });
const secretEnv = (name: string, key: string, optional?: boolean) => ({
  name: 'V',
  valueFrom: { secretKeyRef: { name, key, ...(optional !== undefined && { optional }) } },
});

describe('what a pod does not get anew by itself', () => {
  it('is what its containers take their environment from, each once', () => {
    const refs = contentRefsOf({
      initContainers: [container({ env: [secretEnv('a', 'x')] })],
      containers: [
        container({ env: [secretEnv('a', 'x'), secretEnv('a', 'y', true), { name: 'PLAIN', value: '1' }] }),
        container({ env: [{ name: 'M', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }] }),
        container({ env: [{ name: 'F', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      ],
    });
    expect(refs).toEqual([
      { kind: 'Secret', name: 'a', key: 'x' },
      { kind: 'Secret', name: 'a', key: 'y', optional: true },
      { kind: 'ConfigMap', name: 'm', key: 'k' },
    ]);
  });

  it('is everything that they take their environment from as a whole', () => {
    const refs = contentRefsOf({
      containers: [
        container({
          envFrom: [{ secretRef: { name: 's', optional: true } }, { prefix: 'P_', configMapRef: { name: 'm' } }, {}],
          env: [secretEnv('s', 'x')],
        }),
        container({ envFrom: [{ configMapRef: { name: 'm' } }, { configMapRef: { name: '' } }] }),
      ],
    });
    expect(refs).toEqual([
      { kind: 'Secret', name: 's', optional: true },
      { kind: 'ConfigMap', name: 'm' },
      { kind: 'Secret', name: 's', key: 'x' },
    ]);
    expect(refs.map(formatContentRef)).toEqual(['Secret "s"', 'ConfigMap "m"', 'Secret "s" key "x"']);
  });

  it('is a single file of a volume, and not a whole volume', () => {
    const mount = (name: string, subPath?: string) => ({ name, mountPath: '/m', ...(subPath && { subPath }) });
    const refs = contentRefsOf({
      containers: [
        container({
          volumeMounts: [
            mount('keys', 'tls.key'),
            mount('all', 'ca.crt'),
            mount('whole'),
            mount('keys', 'no-such-file'),
          ],
        }),
      ],
      volumes: [
        { name: 'keys', secret: { secretName: 's', items: [{ key: 'k', path: 'tls.key' }], optional: true } },
        { name: 'all', configMap: { name: 'm' } },
        { name: 'whole', secret: { secretName: 'w' } },
      ],
    });
    expect(refs).toEqual([
      { kind: 'Secret', name: 's', key: 'k', optional: true },
      { kind: 'ConfigMap', name: 'm', key: 'ca.crt' },
    ]);
  });
});
