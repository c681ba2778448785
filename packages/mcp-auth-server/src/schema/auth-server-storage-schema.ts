import { int32, rule } from '@trueup/core';
import { z } from 'zod';
import { goDuration, secretKeyRef } from './common-schemas.js';

const tls = z.object({
  insecureSkipVerify: z.boolean().optional().describe('Accepts any certificate.'),
  caCertSecretRef: secretKeyRef.optional().describe('The authority whose certificates are trusted.'),
});

const sentinelConfig = rule(
  z.object({
    masterName: z.string().describe('Name of the master that the sentinels watch.'),
    sentinelAddrs: z
      .array(z.string())
      .optional()
      .describe('Addresses of the sentinels, host:port; they win over the Service.'),
    sentinelService: z
      .object({
        name: z.string().describe('Name of the Service.'),
        namespace: z.string().optional().describe('Its namespace; that of the workload when absent.'),
        port: int32().default(26379).describe('Its port.'),
      })
      .optional()
      .describe('A Service behind which the sentinels are.'),
    db: int32().default(0).describe('Number of the database.'),
  }),
  {
    rule: '(has(self.sentinelAddrs) && size(self.sentinelAddrs) > 0) || has(self.sentinelService)',
    message: 'one of sentinelAddrs or sentinelService must be set',
  },
);

const redis = rule(
  z.object({
    addr: z.string().optional().describe('Address of a standalone server or of a cluster, host:port.'),
    clusterMode: z.boolean().optional().describe('Treats the address as a cluster.'),
    sentinelConfig: sentinelConfig.optional().describe('Finds the server through sentinels.'),
    aclUserConfig: z
      .object({
        usernameSecretRef: secretKeyRef.optional().describe('Name of the user; password only when absent.'),
        passwordSecretRef: secretKeyRef.describe('Password of the user.'),
      })
      .describe('Who signs in to Redis.'),
    dialTimeout: goDuration.default('5s').describe('How long connecting may take.'),
    readTimeout: goDuration.default('3s').describe('How long an answer may take.'),
    writeTimeout: goDuration.default('3s').describe('How long sending may take.'),
    tls: tls.optional().describe('TLS to the server; plain text when absent.'),
    sentinelTls: tls.optional().describe('TLS to the sentinels; plain text when absent.'),
  }),
  {
    rule: '(has(self.addr) && self.addr.size() > 0) != has(self.sentinelConfig)',
    message: 'exactly one of addr or sentinelConfig must be set',
  },
  {
    rule: '!(has(self.clusterMode) && self.clusterMode) || (has(self.addr) && self.addr.size() > 0)',
    message: 'clusterMode requires addr to be set',
  },
);

/** Where the embedded authorization server keeps sessions, clients and upstream tokens. */
export const authServerStorage = rule(
  z.object({
    type: z
      .enum(['memory', 'redis'])
      .default('memory')
      .describe('Memory is lost with the pod and not shared between replicas.'),
    redis: redis.optional().describe('Settings of Redis.'),
  }),
  { rule: "self.type != 'redis' || has(self.redis)", message: "redis must be set when type is 'redis'" },
);
