import { describe, expect, it } from '@jest/globals';
import { MCPWebhookConfig } from './resource.js';
import { workloadWebhooks } from './workload-webhooks.js';

const broughtBy = (spec: unknown) => workloadWebhooks({ spec: MCPWebhookConfig.definition.spec.parse(spec) });
const HMAC = { name: 'webhook-secrets', key: 'hmac-key' };
const tls = (key: string) => ({ name: 'webhook-tls', key });
const URL = 'https://policy.example.com/validate';
const DIRECTORY = '/etc/toolhive/webhooks';

describe('workloadWebhooks', () => {
  it('translates the example of the specification', () => {
    const spec = {
      validating: [
        {
          name: 'policy-check',
          url: URL,
          timeout: '5s',
          tlsConfig: { caSecretRef: tls('ca.crt') },
          hmacSecretRef: HMAC,
        },
      ],
      mutating: [{ name: 'redact', url: 'https://redact.example.com/mutate', failurePolicy: 'ignore' }],
    };
    const hmac = `${DIRECTORY}/webhook_validating_policy_check_hmac_4afae53a/hmac`;
    const ca = `${DIRECTORY}/webhook_validating_policy_check_tls_ca_cd2771e6/ca.crt`;
    expect(broughtBy(spec)).toEqual({
      validating: [
        {
          name: 'policy-check',
          url: URL,
          timeout: 5_000_000_000,
          failure_policy: 'fail',
          tls_config: { ca_bundle_path: ca },
          hmac_secret_ref: hmac,
        },
      ],
      mutating: [{ name: 'redact', url: 'https://redact.example.com/mutate', timeout: 0, failure_policy: 'ignore' }],
      volumes: [
        {
          volume: {
            name: 'whsec-e15d7d11',
            secret: { secretName: 'webhook-secrets', items: [{ key: 'hmac-key', path: 'hmac' }] },
          },
          mount: { mountPath: hmac, subPath: 'hmac', readOnly: true },
        },
        {
          volume: {
            name: 'whsec-7bbf9161',
            secret: { secretName: 'webhook-tls', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
          },
          mount: { mountPath: ca, subPath: 'ca.crt', readOnly: true },
        },
      ],
      contents: [
        { kind: 'Secret', ...HMAC },
        { kind: 'Secret', ...tls('ca.crt') },
      ],
    });
  });

  it.each([
    ['validating', 'policy-check', { hmacSecretRef: HMAC }, 'policy_check_hmac_4afae53a/hmac', 'whsec-e15d7d11'],
    [
      'validating',
      'val1',
      { hmacSecretRef: { name: 'hmac-secret', key: 'key' } },
      'val1_hmac_a326e02d/hmac',
      'whsec-56363259',
    ],
    ['mutating', 'redact', { hmacSecretRef: HMAC }, 'redact_hmac_4afae53a/hmac', 'whsec-8b197c45'],
    [
      'validating',
      'policy-check',
      { tlsConfig: { caSecretRef: tls('ca.crt') } },
      'policy_check_tls_ca_cd2771e6/ca.crt',
      'whsec-7bbf9161',
    ],
  ])('names the file of a Secret key as ToolHive does: %s %s', (kind, name, secrets, path, volume) => {
    const [file, ...others] = broughtBy({ [kind]: [{ name, url: URL, ...secrets }] }).volumes;
    expect(others).toEqual([]);
    expect(file?.mount.mountPath).toBe(`${DIRECTORY}/webhook_${kind}_${path}`);
    expect(file?.volume.name).toBe(volume);
  });

  it('brings certificate and key together, in the order of identifiers', () => {
    const tlsConfig = { clientKeySecretRef: tls('tls.key'), clientCertSecretRef: tls('tls.crt') };
    const brought = broughtBy({ validating: [{ name: 'policy-check', url: URL, tlsConfig }] });
    expect(brought.validating[0]?.tls_config).toEqual({
      client_cert_path: `${DIRECTORY}/webhook_validating_policy_check_tls_client_cert_8e221ed9/tls.crt`,
      client_key_path: `${DIRECTORY}/webhook_validating_policy_check_tls_client_key_ffd96abd/tls.key`,
    });
    expect(brought.volumes.map(({ volume }) => volume.name)).toEqual(['whsec-8829401c', 'whsec-85f037b3']);
  });

  it('translates as ToolHive was recorded to', () => {
    const client = (key: string) => ({ name: 'client-secret', key });
    const tlsConfig = {
      caSecretRef: { name: 'ca-secret', key: 'ca.crt' },
      clientCertSecretRef: client('tls.crt'),
      clientKeySecretRef: client('tls.key'),
    };
    const mut1 = { name: 'mut1', url: 'https://mut1', failurePolicy: 'ignore', tlsConfig };
    expect(broughtBy({ mutating: [mut1] }).mutating).toEqual([
      {
        name: 'mut1',
        url: 'https://mut1',
        timeout: 0,
        failure_policy: 'ignore',
        tls_config: {
          ca_bundle_path: `${DIRECTORY}/webhook_mutating_mut1_tls_ca_c65e8f28/ca.crt`,
          client_cert_path: `${DIRECTORY}/webhook_mutating_mut1_tls_client_cert_d8d24b1a/tls.crt`,
          client_key_path: `${DIRECTORY}/webhook_mutating_mut1_tls_client_key_3484f72e/tls.key`,
        },
      },
    ]);
  });

  it.each([
    [{ tlsConfig: {} }, { tls_config: {} }],
    [{ tlsConfig: { insecureSkipVerify: false } }, { tls_config: {} }],
    [{ tlsConfig: { insecureSkipVerify: true } }, { tls_config: { insecure_skip_verify: true } }],
    [{ timeout: '1.5s' }, { timeout: 1_500_000_000 }],
    [{ timeout: '0s' }, {}],
  ])('translates %j', (given, written) => {
    expect(broughtBy({ mutating: [{ name: 'm', url: URL, ...given }] }).mutating).toEqual([
      { name: 'm', url: URL, timeout: 0, failure_policy: 'fail', ...written },
    ]);
  });

  it('keeps the order of webhooks', () => {
    const named = (name: string) => ({ name, url: URL });
    const { validating, mutating } = broughtBy({ validating: [named('z'), named('a')], mutating: [named('b')] });
    expect([...validating, ...mutating].map(({ name }) => name)).toEqual(['z', 'a', 'b']);
  });

  it('mounts a file once that two webhooks share, and one for each kind', () => {
    const named = (name: string) => ({ name, url: URL, hmacSecretRef: HMAC });
    const { volumes } = broughtBy({ validating: [named('a.b'), named('a-b')], mutating: [named('a-b')] });
    expect(volumes.map(({ mount }) => mount.mountPath)).toEqual([
      `${DIRECTORY}/webhook_mutating_a_b_hmac_4afae53a/hmac`,
      `${DIRECTORY}/webhook_validating_a_b_hmac_4afae53a/hmac`,
    ]);
  });

  it('makes one character of each in a name', () => {
    const { volumes } = broughtBy({ mutating: [{ name: 'Größe 1', url: URL, hmacSecretRef: HMAC }] });
    expect(volumes[0]?.mount.mountPath).toContain('/webhook_mutating_gr__e_1_hmac_4afae53a/');
  });

  it('makes nothing of a spec that is not valid', () => {
    const spec = { validating: [{ name: 'a', url: 'http://policy', failurePolicy: 'fail' as const }] };
    expect(() => workloadWebhooks({ spec })).toThrow(
      expect.objectContaining({ code: 'ERR_SPEC_INVALID', message: expect.stringContaining('must use HTTPS') }),
    );
  });
});
