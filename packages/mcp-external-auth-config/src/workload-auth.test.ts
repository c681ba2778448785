import { describe, expect, it } from '@jest/globals';
import { OboHandler } from './obo-handler.js';
import type { MCPExternalAuthConfig } from './resource.js';
import { workloadAuth } from './workload-auth.js';

const config = (spec: MCPExternalAuthConfig['spec']): MCPExternalAuthConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPExternalAuthConfig',
  metadata: { name: 'c', namespace: 'team' },
  spec,
});
const minimal = { tokenUrl: 'https://oauth.example.com/token', audience: 'backend-service' };
const exchange = (tokenExchange: object) =>
  workloadAuth(config({ type: 'tokenExchange', tokenExchange: { ...minimal, ...tokenExchange } }), new OboHandler());

describe('workloadAuth', () => {
  it('never puts the client secret into the run configuration, but into the environment', () => {
    const secret = { name: 'test-secret', key: 'client-secret' };
    const auth = exchange({ clientId: 'test-client', clientSecretRef: secret });

    expect(auth.tokenExchange).toEqual({
      token_url: 'https://oauth.example.com/token',
      client_id: 'test-client',
      client_secret: '',
      audience: 'backend-service',
      header_strategy: 'replace',
    });
    expect(auth.env).toEqual([{ name: 'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET', valueFrom: { secretKeyRef: secret } }]);
    expect(auth.clientSecret).toEqual(secret);
  });

  it.each([
    [{ scopes: ['read', 'write'] }, { scopes: ['read', 'write'] }],
    [{ scopes: [] }, {}],
    [{ subjectTokenType: 'jwt' }, { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }],
    [
      { subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token' },
      { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
    ],
    [{ subjectTokenType: '' }, {}],
    [{ externalTokenHeaderName: 'X-T' }, { header_strategy: 'custom', external_token_header_name: 'X-T' }],
    [{ subjectProviderName: 'okta' }, {}],
  ])('translates %j', (given, written) => {
    expect(exchange(given).tokenExchange).toEqual({
      token_url: minimal.tokenUrl,
      client_id: '',
      client_secret: '',
      audience: minimal.audience,
      header_strategy: 'replace',
      ...written,
    });
  });

  it.each([
    config({ type: 'unauthenticated' }),
    config({ type: 'headerInjection', headerInjection: { headerName: 'X', valueSecretRef: { name: 's', key: 'k' } } }),
    config({ type: 'bearerToken', bearerToken: { tokenSecretRef: { name: 's', key: 'k' } } }),
  ])('brings nothing for $spec.type', (given) => {
    expect(workloadAuth(given, new OboHandler())).toEqual({ env: [] });
  });

  it('takes what the handler of type obo brings', () => {
    class Handler extends OboHandler {
      override middlewares = () => [{ type: 'obo', parameters: { tenant: 't' } }];
      override secretVariables = () => [{ name: 'OBO_SECRET', value: 'x' }];
    }
    expect(workloadAuth(config({ type: 'obo', obo: {} }), new Handler())).toEqual({
      middlewares: [{ type: 'obo', parameters: { tenant: 't' } }],
      env: [{ name: 'OBO_SECRET', value: 'x' }],
    });
  });
});
