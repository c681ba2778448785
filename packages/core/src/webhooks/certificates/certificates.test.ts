import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken, silentLogger } from '@trueup/kube';
import { until } from '@trueup/testing/until';
import { ManualClock } from '../../../test-support/manual-clock.js';
import { Secret } from '../../builtin-kinds.js';
import { CertificateFiles } from './certificate-files.js';
import { CertificateSecret } from './certificate-secret.js';
import { asServingCertificate, renewed, type KeptCertificates } from './kept-certificates.js';
import { servingCertificate, type ServingCertificate } from './serving-certificate.js';

const DAY_MS = 86_400_000;
const NAMES = ['hooks.operators.svc', '127.0.0.1'];
const START_MS = Date.parse('2026-01-01T00:00:00Z');

const isBelieved = (
  { serving, authorities }: KeptCertificates,
  trusted: readonly { certificate: string }[] = authorities,
) =>
  trusted.some(({ certificate }) =>
    new X509Certificate(serving.certificate).verify(new X509Certificate(certificate).publicKey),
  );

describe('certificates that an operator issues', () => {
  it('are for the names of the server, by an authority that outlives them', async () => {
    const kept = await renewed(undefined, NAMES, START_MS);
    const { serving, authorities } = kept;
    const certificate = new X509Certificate(serving.certificate);
    const [authority] = authorities.map((each) => new X509Certificate(each.certificate));
    expect(NAMES.map((name) => certificate.checkHost(name) ?? certificate.checkIP(name))).toEqual(NAMES);
    expect(certificate.checkHost('other.operators.svc')).toBeUndefined();
    expect({ isAuthority: certificate.ca, usage: certificate.keyUsage }).toEqual({
      isAuthority: false,
      usage: ['1.3.6.1.5.5.7.3.1'],
    });
    expect(authority?.ca).toBe(true);
    expect(isBelieved(kept)).toBe(true);
    expect(Date.parse(authority?.validTo ?? '')).toBeGreaterThan(Date.parse(certificate.validTo));
    expect(() => servingCertificate({ certificate: serving.certificate, key: authorities[0]?.key ?? '' })).toThrow(
      'the private key is not that of the certificate',
    );
  });

  it('stay as they are until two thirds of their time are over, or the server is called otherwise', async () => {
    const kept = await renewed(undefined, NAMES, START_MS);
    expect(await renewed(kept, NAMES, START_MS + 59 * DAY_MS)).toBe(kept);
    const later = await renewed(kept, NAMES, START_MS + 61 * DAY_MS);
    expect(later.serving).not.toEqual(kept.serving);
    expect(later.authorities).toEqual(kept.authorities);
    const renamed = await renewed(kept, [...NAMES, 'other.operators.svc'], START_MS);
    expect(new X509Certificate(renamed.serving.certificate).checkHost('other.operators.svc')).toBeDefined();
  });

  it('are always by an authority that clients have trusted for months, whichever renewal one looks at', async () => {
    let kept = await renewed(undefined, NAMES, START_MS);
    let authorities = 1;
    for (let day = 55; day < 4 * 365; day += 55) {
      const before = kept;
      const nowMs = START_MS + day * DAY_MS;
      kept = await renewed(kept, NAMES, nowMs);
      expect(isBelieved(kept, before.authorities)).toBe(true);
      expect(asServingCertificate(kept).expiresAtMs).toBeGreaterThan(nowMs + 29 * DAY_MS);
      authorities = Math.max(authorities, kept.authorities.length);
    }
    expect(authorities).toBe(2);
  });

  describe('kept in a Secret', () => {
    const secret = { namespace: 'default', name: 'hooks-certificate' };
    let controlPlane: ControlPlane;
    let client: Client;

    beforeAll(async () => {
      controlPlane = await ControlPlane.start({ tls: false });
      client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    });
    afterAll(async () => {
      await client.close();
      await controlPlane.stop();
    });

    const replica = (clock: ManualClock) =>
      new CertificateSecret({ client, clock, log: silentLogger, secret, names: NAMES });
    /** The next certificate that a source comes up with. */
    const follow = (source: CertificateSecret | CertificateFiles) => {
      let take = (_certificate: ServingCertificate): void => {};
      let next = new Promise<ServingCertificate>((resolve) => (take = resolve));
      const opened = source.open((certificate) => {
        take(certificate);
        next = new Promise((resolve) => (take = resolve));
      });
      return { opened, next: () => next };
    };

    it('are the same for all replicas, through renewals, and come back when the Secret is deleted', async () => {
      const clocks = [new ManualClock(), new ManualClock()] as const;
      const [one, other] = [replica(clocks[0]), replica(clocks[1])];
      const [followedOne, followedOther] = [follow(one), follow(other)];
      const [first, same] = await Promise.all([followedOne.opened, followedOther.opened]);
      expect(same).toEqual(first);
      const stored = await client.get<Secret>(Secret.resource, secret);
      expect(stored.type).toBe('kubernetes.io/tls');

      // The clock of one goes ahead: it renews, and the other follows.
      const [renewedByOne, seenByOther] = [followedOne.next(), followedOther.next()];
      clocks[0].advance(61 * DAY_MS);
      const second = await renewedByOne;
      expect(await seenByOther).toEqual(second);
      expect(second.certificate).not.toBe(first.certificate);
      expect(second.authorities).toBe(first.authorities);

      await client.delete(Secret.resource, secret);
      for await (const event of client.watch<Secret>(Secret.resource, { namespace: 'default', resourceVersion: '0' }))
        if (event.type === 'ADDED' && event.object.metadata.name === secret.name) {
          expect(Buffer.from(event.object.data?.['tls.crt'] ?? '', 'base64').toString()).toBe(second.certificate);
          break;
        }
      await Promise.all([one.close(), other.close()]);
      expect(clocks.map(({ timerCount }) => timerCount)).toEqual([0, 0]);
    });

    it('are made anew where the Secret holds something else', async () => {
      await client.mergePatch(Secret.resource, secret, {
        data: { 'tls.key': Buffer.from('what?').toString('base64') },
      });
      const source = replica(new ManualClock());
      const { certificate } = await source.open(() => undefined);
      const { data } = await client.get<Secret>(Secret.resource, secret);
      expect(Buffer.from(data?.['tls.crt'] ?? '', 'base64').toString()).toBe(certificate);
      await source.close();
    });

    it('are not to be had where the namespace of the Secret is missing', async () => {
      const nowhere = { namespace: 'nowhere', name: secret.name };
      const options = { client, clock: new ManualClock(), log: silentLogger, secret: nowhere, names: NAMES };
      await expect(new CertificateSecret(options).open(() => undefined)).rejects.toThrow(
        'namespaces "nowhere" not found',
      );
    });

    it('may come from files instead, which are followed as Kubernetes exchanges them', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'trueup-certificates-'));
      const put = async (kept: KeptCertificates) => {
        const files = await mkdtemp(path.join(folder, '..data-'));
        await writeFile(path.join(files, 'tls.crt'), kept.serving.certificate);
        await writeFile(path.join(files, 'tls.key'), kept.serving.key);
        await rm(path.join(folder, 'mounted'), { force: true });
        await symlink(files, path.join(folder, 'mounted'));
      };
      const clock = new ManualClock();
      const kept = await renewed(undefined, NAMES, START_MS);
      const mounted = { folder: path.join(folder, 'mounted'), clock, log: silentLogger };
      await expect(new CertificateFiles(mounted).open(() => undefined)).rejects.toThrow('ENOENT');

      await put(kept);
      const source = new CertificateFiles(mounted);
      const followed = follow(source);
      expect((await followed.opened).certificate).toBe(kept.serving.certificate);
      await writeFile(path.join(folder, 'mounted', 'tls.key'), kept.authorities[0]?.key ?? '');
      clock.advance(10_000);
      await until(() => clock.timerCount > 0);

      const later = await renewed(kept, NAMES, START_MS + 61 * DAY_MS);
      await put(later);
      const next = followed.next();
      clock.advance(10_000);
      expect((await next).certificate).toBe(later.serving.certificate);
      await source.close();
      await rm(folder, { recursive: true });
    });
  });
});
