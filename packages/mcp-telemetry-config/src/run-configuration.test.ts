import { describe, expect, it } from '@jest/globals';
import { telemetryEnvironment } from './environment.js';
import type { MCPTelemetryConfig } from './resource.js';
import { telemetryConfigSection } from './run-configuration.js';

type OpenTelemetry = NonNullable<MCPTelemetryConfig['spec']['openTelemetry']>;

const DEFAULTS = { enabled: true, insecure: false, useLegacyAttributes: true };

const config = (spec: MCPTelemetryConfig['spec']): MCPTelemetryConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPTelemetryConfig',
  metadata: { name: 'otel', namespace: 'team' },
  spec,
});
const otel = (change: Partial<OpenTelemetry> = {}) => config({ openTelemetry: { ...DEFAULTS, ...change } });
const srv = { name: 'srv', namespace: 'team' };
const section = (given: MCPTelemetryConfig) => telemetryConfigSection(given, srv);

const everything: MCPTelemetryConfig['spec'] = {
  openTelemetry: {
    ...DEFAULTS,
    endpoint: 'https://otel:4318',
    headers: { 'x-tenant': 'team' },
    sensitiveHeaders: [{ name: 'x-api-key', secretKeyRef: { name: 'otel-key', key: 'key' } }],
    resourceAttributes: { env: 'prod' },
    tracing: { enabled: true, samplingRate: '0.05' },
    metrics: { enabled: true },
    caBundleRef: { configMapRef: { name: 'ca', key: 'ca.crt' } },
  },
  prometheus: { enabled: true },
};
const NOTHING = {
  serviceName: 'srv',
  tracingEnabled: false,
  metricsEnabled: false,
  useLegacyAttributes: false,
};

describe('telemetryConfigSection', () => {
  it('has what the config says, in the order the runner writes it, and the variables of sensitive headers (7)', () => {
    expect(JSON.stringify(section(config(everything)))).toBe(
      JSON.stringify({
        endpoint: 'otel:4318',
        serviceName: 'srv',
        tracingEnabled: true,
        metricsEnabled: true,
        samplingRate: '0.05',
        headers: { 'x-tenant': 'team' },
        sensitiveHeaders: { 'x-api-key': 'TOOLHIVE_OTEL_HEADER_X_API_KEY' },
        enablePrometheusMetricsPath: true,
        customAttributes: { env: 'prod' },
        useLegacyAttributes: true,
        caCertPath: '/config/certs/otel/ca/ca.crt',
      }),
    );
  });

  it.each([
    ['an empty config', config({}), NOTHING],
    [
      'a config that is switched off, but for Prometheus and the CA bundle',
      config({ ...everything, openTelemetry: { ...DEFAULTS, ...everything.openTelemetry, enabled: false } }),
      { ...NOTHING, enablePrometheusMetricsPath: true, caCertPath: '/config/certs/otel/ca/ca.crt' },
    ],
    ['Prometheus alone', config({ prometheus: { enabled: true } }), { ...NOTHING, enablePrometheusMetricsPath: true }],
    [
      'empty maps',
      otel({ headers: {}, sensitiveHeaders: [], resourceAttributes: {} }),
      { ...NOTHING, useLegacyAttributes: true },
    ],
    ['no TLS', otel({ insecure: true }), { ...NOTHING, insecure: true, useLegacyAttributes: true }],
    ['only new attribute names', otel({ useLegacyAttributes: false }), NOTHING],
  ])('knows %s', (_, given, written) => {
    expect(section(given)).toEqual(written);
  });

  it.each([
    ['otel:4318', 'otel:4318'],
    ['https://otel:4318/v1', 'otel:4318/v1'],
    ['http://otel', 'otel'],
    ['http://https://x', 'https://x'],
    ['https://http://x', 'x'],
  ])('takes the scheme off the endpoint %s', (endpoint, written) => {
    expect(section(otel({ endpoint })).endpoint).toBe(written);
  });

  it.each([
    ['0.05', '0.05'],
    ['0.10', '0.1'],
    ['1.000', '1'],
    ['0', '0'],
    ['0.0000001', '0.0000001'],
    ['1.5', '1'],
    ['half', undefined],
    ['', undefined],
  ])('writes the sampling rate %s with no more digits than it needs', (samplingRate, written) => {
    expect(section(otel({ tracing: { enabled: true, samplingRate } })).samplingRate).toBe(written);
  });

  it('calls the service as the reference does', () => {
    expect(telemetryConfigSection(config({}), { ...srv, serviceName: 'shop' }).serviceName).toBe('shop');
    expect(telemetryConfigSection(config({}), { ...srv, serviceName: '' }).serviceName).toBe('srv');
  });

  it('writes maps in one order, so that another order restarts nothing', () => {
    const one = otel({ headers: { a: '1', b: '2' }, resourceAttributes: { x: '1', y: '2' } });
    const other = otel({ headers: { b: '2', a: '1' }, resourceAttributes: { y: '2', x: '1' } });
    expect(JSON.stringify(section(other))).toBe(JSON.stringify(section(one)));
  });
});

describe('telemetryEnvironment', () => {
  const valueOf = (name: string, namespace = 'team') => telemetryEnvironment(config({}), { name, namespace })[0]?.value;

  it('says who exports, and takes the values of sensitive headers from their Secrets, in order', () => {
    const secretKeyRef = { name: 's', key: 'k' };
    const sensitiveHeaders = ['X-Tenant', 'authorization'].map((name) => ({ name, secretKeyRef }));
    expect(telemetryEnvironment(otel({ sensitiveHeaders }), { ...srv, serviceName: 'shop' })).toEqual([
      { name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'service.name=shop,service.namespace=team' },
      { name: 'TOOLHIVE_OTEL_HEADER_X_TENANT', valueFrom: { secretKeyRef } },
      { name: 'TOOLHIVE_OTEL_HEADER_AUTHORIZATION', valueFrom: { secretKeyRef } },
    ]);
  });

  it('does so for a config that is switched off, too', () => {
    const off = config({ openTelemetry: { ...DEFAULTS, ...everything.openTelemetry, enabled: false } });
    expect(telemetryEnvironment(off, srv).map(({ name }) => name)).toEqual([
      'OTEL_RESOURCE_ATTRIBUTES',
      'TOOLHIVE_OTEL_HEADER_X_API_KEY',
    ]);
  });

  it.each([
    ['a,b', 'a%2Cb'],
    ['a=b', 'a%3Db'],
    ['50%', '50%25'],
    ['caf\u00e9', 'caf%C3%A9'],
    ['\u{1f600}', '%F0%9F%98%80'],
    ['my shop', 'my shop'],
  ])('encodes what would break the list: %s', (name, written) => {
    expect(valueOf(name)).toBe(`service.name=${written},service.namespace=team`);
  });
});
