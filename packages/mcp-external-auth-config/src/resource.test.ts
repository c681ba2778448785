import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPExternalAuthConfig } from './resource.js';

const secret = { name: 'oauth', key: 'client-secret' };

const crd = customResourceDefinition(MCPExternalAuthConfig);
const stored = crd.spec.versions.find((version) => version.storage);

const SPECS = {
  tokenExchange: {
    tokenExchange: { tokenUrl: 'https://idp.example.com/token', audience: 'backend', clientSecretRef: secret },
  },
  headerInjection: { headerInjection: { headerName: 'X-Api-Key', valueSecretRef: secret } },
  bearerToken: { bearerToken: { tokenSecretRef: secret } },
  unauthenticated: {},
  embeddedAuthServer: {
    embeddedAuthServer: {
      issuer: 'https://mcp.example.com',
      upstreamProviders: [
        { name: 'okta', type: 'oidc', oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'mcp' } },
      ],
      storage: {
        type: 'redis',
        redis: {
          sentinelConfig: { masterName: 'm', sentinelService: { name: 's' } },
          aclUserConfig: { passwordSecretRef: secret },
          dialTimeout: '1m30.5s',
        },
      },
      trustedIssuers: [
        {
          issuerUrl: 'https://other.example.com',
          jwtBearerGrant: {
            maxAssertionAge: '5m',
            subjectBindings: [{ subject: 'ci', allowedResources: ['https://mcp.example.com/mcp'] }],
          },
        },
      ],
      cimd: {},
    },
  },
  awsSts: { awsSts: { region: 'eu-central-1', fallbackRoleArn: 'arn:aws:iam::123456789012:role/team/reader' } },
  upstreamInject: { upstreamInject: { providerName: 'okta' } },
  obo: { obo: {} },
  xaa: {
    xaa: {
      idpTokenUrl: 'https://idp.example.com/token',
      targetTokenUrl: 'https://t.example.com/token',
      targetAudience: 't',
    },
  },
};

describe('MCPExternalAuthConfig', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpexternalauthconfigs.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['extauth', 'mcpextauth']);
    expect(
      crd.spec.versions.map(({ name, storage, deprecationWarning }) => ({ name, storage, deprecationWarning })),
    ).toEqual([
      {
        name: 'v1alpha1',
        storage: false,
        deprecationWarning: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1',
      },
      { name: 'v1beta1', storage: true, deprecationWarning: undefined },
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows type, verdict, references and age', () => {
    expect(stored?.additionalPrinterColumns?.map(({ name, type }) => [name, type])).toEqual([
      ['Type', 'string'],
      ['Valid', 'string'],
      ['References', 'integer'],
      ['Age', 'date'],
    ]);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPExternalAuthConfig)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it.each(Object.entries(SPECS))('accepts the type %s', (type, members) => {
    expect(validateSpec(MCPExternalAuthConfig, { type, ...members })).toEqual([]);
  });

  it('has a rule for the member of every type that has one', () => {
    const { spec } = stored?.schema.openAPIV3Schema.properties ?? {};
    const messages = spec?.['x-kubernetes-validations']?.map((rule) => rule.message);
    const members = Object.values(SPECS).flatMap((each) => Object.keys(each));
    expect(messages).toEqual([
      ...members.map((member) => `${member} configuration must be set if and only if type is '${member}'`),
      "no configuration must be set when type is 'unauthenticated'",
    ]);
  });

  it.each([
    { name: 'an unknown type', spec: { type: 'basic' }, path: 'spec.type' },
    {
      name: 'an empty token endpoint',
      spec: { type: 'tokenExchange', tokenExchange: { tokenUrl: '', audience: 'a' } },
      path: 'spec.tokenExchange.tokenUrl',
    },
    {
      name: 'a header name with a space',
      spec: { type: 'headerInjection', headerInjection: { headerName: 'X Key', valueSecretRef: secret } },
      path: 'spec.headerInjection.headerName',
    },
    {
      name: 'a region that is none',
      spec: { type: 'awsSts', awsSts: { region: 'nowhere' } },
      path: 'spec.awsSts.region',
    },
    { name: 'a tenant alias', spec: { type: 'obo', obo: { tenantId: 'common' } }, path: 'spec.obo.tenantId' },
    {
      name: 'an authority with a slash at the end',
      spec: { type: 'obo', obo: { authority: 'https://login.example.com/' } },
      path: 'spec.obo.authority',
    },
    {
      name: 'two upstream providers of one name',
      spec: {
        type: 'embeddedAuthServer',
        embeddedAuthServer: {
          issuer: 'https://mcp.example.com',
          upstreamProviders: [
            { name: 'a', type: 'oidc' },
            { name: 'a', type: 'oauth2' },
          ],
        },
      },
      path: 'spec.embeddedAuthServer.upstreamProviders',
    },
    {
      name: 'a lifespan without a unit',
      spec: {
        type: 'embeddedAuthServer',
        embeddedAuthServer: {
          issuer: 'https://mcp.example.com',
          tokenLifespans: { accessTokenLifespan: '60' },
          upstreamProviders: [{ name: 'a', type: 'oidc' }],
        },
      },
      path: 'spec.embeddedAuthServer.tokenLifespans.accessTokenLifespan',
    },
  ])('refuses $name', ({ spec, path }) => {
    expect(validateSpec(MCPExternalAuthConfig, spec)).toContainEqual(expect.objectContaining({ path }));
  });
});
