import { describe, expect, it } from '@jest/globals';
import { PodTemplateError } from './decode-pod-template.js';
import { mergePodTemplate, podTemplateHash } from './strategic-merge.js';

const GENERATED = {
  metadata: { labels: { app: 'x' }, annotations: { sum: '1' } },
  spec: {
    serviceAccountName: 'runner',
    containers: [
      {
        name: 'toolhive',
        image: 'runner:v1',
        args: ['run', 'it'],
        env: [
          { name: 'A', value: 'a' },
          { name: 'B', value: 'b' },
          { name: 'C', value: 'c' },
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        volumeMounts: [{ name: 'runconfig', mountPath: '/etc/runconfig' }],
      },
    ],
    volumes: [{ name: 'runconfig', configMap: { name: 'x-runconfig' } }],
  },
};

const merged = (raw: unknown) => mergePodTemplate(GENERATED, raw);
const proxyOf = (raw: unknown) => merged(raw).spec.containers?.find(({ name }) => name === 'toolhive');
const inProxy = (patch: object) => ({ spec: { containers: [{ name: 'toolhive', ...patch }] } });

describe('a pod template laid over the generated one', () => {
  it('changes nothing when it is empty', () => {
    expect(merged({})).toEqual(merged({ spec: {} }));
    expect(merged({})).toMatchObject(GENERATED);
  });

  it.each([
    ['a value', inProxy({ image: 'mine:v2' }), 'image', 'mine:v2'],
    ['a list without a merge key as a whole', inProxy({ args: ['other'] }), 'args', ['other']],
    [
      'a list of variables by name, new ones first',
      inProxy({
        env: [
          { name: 'N', value: 'n' },
          { name: 'B', value: 'bb' },
          { name: 'M', value: 'm' },
        ],
      }),
      'env',
      ['N=n', 'A=a', 'B=bb', 'M=m', 'C=c'].map((pair) => ({ name: pair[0], value: pair.slice(2) })),
    ],
    [
      'the last of two variables of one name',
      inProxy({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      'env',
      ['A=2', 'B=b', 'C=c'].map((pair) => ({ name: pair[0], value: pair.slice(2) })),
    ],
    [
      'a variable that is to go',
      inProxy({ env: [{ name: 'B', $patch: 'delete' }] }),
      'env',
      ['A=a', 'C=c'].map((pair) => ({ name: pair[0], value: pair.slice(2) })),
    ],
    [
      'a list that is to be replaced',
      inProxy({ env: [{ $patch: 'replace' }, { name: 'D', value: 'd' }] }),
      'env',
      [{ name: 'D', value: 'd' }],
    ],
    [
      'ports by number',
      inProxy({ ports: [{ containerPort: 8080, protocol: 'TCP' }] }),
      'ports',
      [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    ],
    [
      'mounts by path',
      inProxy({ volumeMounts: [{ mountPath: '/etc/runconfig', name: 'own' }] }),
      'volumeMounts',
      [{ name: 'own', mountPath: '/etc/runconfig' }],
    ],
    ['a field that is to go', inProxy({ args: null }), 'args', undefined],
  ])('takes %s', (_, raw, field, expected) => {
    expect(proxyOf(raw)?.[field as 'image']).toEqual(expected);
  });

  it('adds containers and volumes, and keeps keys of maps that it does not name', () => {
    const template = merged({
      metadata: { labels: { mine: 'y' }, annotations: { sum: null } },
      spec: { containers: [{ name: 'side', image: 'i' }], volumes: [{ name: 'own', emptyDir: {} }] },
    });
    expect(template.metadata).toEqual({ labels: { app: 'x', mine: 'y' } });
    expect(template.spec.containers?.map(({ name }) => name)).toEqual(['side', 'toolhive']);
    expect(template.spec.volumes?.map(({ name }) => name)).toEqual(['own', 'runconfig']);
  });

  it('keeps only the keys it retains', () => {
    const raw = { spec: { volumes: [{ name: 'runconfig', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] } };
    expect(merged(raw).spec.volumes).toEqual([{ name: 'runconfig', emptyDir: {} }]);
  });

  it.each([
    [{ spec: { containers: 'x' } }, 'json: cannot unmarshal string into Go struct field PodSpec.spec.containers'],
    [{ spec: { containers: [{ image: 'x' }] } }, 'does not contain declared merge key: name'],
    [{ spec: { $patch: 'erase' } }, 'unknown patch type: erase in map'],
  ])('is refused when it is %j', (raw, message) => {
    expect(() => merged(raw)).toThrow(PodTemplateError);
    expect(() => merged(raw)).toThrow(message);
  });
});

describe('podTemplateHash', () => {
  it('is that of the compact, sorted JSON', () => {
    expect(podTemplateHash({ spec: { nodeSelector: { disk: 'ssd' } } })).toBe(
      '5b3c17477d919cc312495d08b5c36e3e96e88044785078461ca1ac447ae356c6',
    );
  });
});
