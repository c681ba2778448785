import { always, flag, integer, list, map, object, text } from './shape.js';

const requiredText = () => always(text(), '');
const texts = () => list(text());

const oidc = object({
  issuer: requiredText(),
  clientId: requiredText(),
  clientSecretEnv: text(),
  audience: requiredText(),
  resource: text(),
  jwksUrl: text(),
  introspectionUrl: text(),
  scopes: texts(),
  protectedResourceAllowPrivateIp: flag(),
  jwksAllowPrivateIp: flag(),
  insecureAllowHttp: flag(),
  caBundlePath: text(),
  jwksAuthTokenPath: text(),
});

export const authz = object({
  type: requiredText(),
  policies: texts(),
  entitiesJson: text(),
  primaryUpstreamProvider: text(),
  groupClaimName: text(),
  roleClaimName: text(),
  groupEntityType: text(),
  multiValuedClaims: texts(),
});

/** Section `incomingAuth`: how clients authenticate, and what they may do. */
export const incomingAuth = object({ type: requiredText(), oidc, authz });

const roleMapping = object({ claim: text(), matcher: text(), roleArn: requiredText(), priority: integer() });

/** How requests to a backend are authenticated: `type`, and the member of that type. */
export const strategy = object({
  type: requiredText(),
  headerInjection: object({ headerName: requiredText(), headerValueEnv: text() }),
  tokenExchange: object({
    tokenUrl: requiredText(),
    clientId: text(),
    clientSecretEnv: text(),
    audience: text(),
    scopes: texts(),
    subjectTokenType: text(),
    subjectProviderName: text(),
  }),
  upstreamInject: object({ providerName: requiredText() }),
  awsSts: object({
    region: requiredText(),
    service: text(),
    fallbackRoleArn: text(),
    roleMappings: list(roleMapping),
    roleClaim: text(),
    sessionDuration: integer(),
    sessionNameClaim: text(),
    subjectProviderName: text(),
  }),
  obo: object({
    tokenUrl: requiredText(),
    clientId: text(),
    clientSecretEnv: text(),
    audience: text(),
    scopes: texts(),
    subjectTokenProviderName: text(),
    cacheSkewSeconds: integer(),
  }),
  xaa: object({
    idpTokenUrl: requiredText(),
    idpClientId: text(),
    idpClientSecretEnv: text(),
    targetTokenUrl: requiredText(),
    insecureTargetTokenUrl: flag(),
    targetClientId: text(),
    targetClientSecretEnv: text(),
    targetAudience: requiredText(),
    targetResource: text(),
    scopes: texts(),
    subjectProviderName: text(),
    subjectTokenType: text(),
  }),
});

/** Section `outgoingAuth`: how the server authenticates to its backends. */
export const outgoingAuth = object({
  source: requiredText(),
  default: strategy,
  backends: map(strategy),
  /** Backends whose own credentials cannot be used: they are not to be called with those of `default`. */
  failedBackends: texts(),
});

/** Item of `backends`: a backend that is written out instead of being found in the group. */
export const staticBackend = object({
  name: requiredText(),
  url: requiredText(),
  transport: requiredText(),
  type: text(),
  caBundlePath: text(),
  metadata: map(text()),
});
