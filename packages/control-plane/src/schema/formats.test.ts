import { describe, expect, it } from '@jest/globals';
import { formatCheck } from './formats.js';

describe('formatCheck', () => {
  it.each([
    [
      'date-time',
      ['2020-01-01t00:00:00.123456789+01:00'],
      ['2020-02-30T00:00:00Z', '2020-01-01T00:00:00', '2020-01-01 00:00:00Z'],
    ],
    ['date', ['2020-02-29'], ['2021-02-29', '2020-1-1']],
    ['duration', ['1h30m', '-1.5s', '0', '5 minutes', '2w'], ['1', '5 parsecs', '']],
    ['uri', ['http://a/b?c', '/a', 'mailto:x@y', 'http://[::1]:80/x'], ['a', 'http://a b/', 'http://a/%zz', '?a', '']],
    ['email', ['a@b.c', 'N N <a@b>'], ['a', 'a@', 'a b@c', 'a..b@c']],
    ['hostname', ['a.example', 'ä.de'], ['-a', 'a_b', '']],
    ['ipv4', ['1.2.3.4', '01.02.03.04'], ['1.2.3', '::1']],
    ['ipv6', ['::1', '::ffff:1.2.3.4'], ['1.2.3.4', 'fe80::1%eth0']],
    ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']],
    ['mac', ['00:00:5e:00:53:01', '0000.5e00.5301'], ['zz', '00:00-5e:00:53:01']],
    ['uuid', ['11111111222243338444555555555555'], ['123']],
    ['byte', ['YQ=='], ['YQ', '']],
    ['isbn', ['978-0321751041', '155404295X'], ['1']],
    ['creditcard', ['4111-1111-1111-1111'], ['4111111111111112']],
  ])('knows %s', (format, valid, invalid) => {
    const check = formatCheck(format);

    expect(valid.filter((text) => check?.(text) !== true)).toEqual([]);
    expect(invalid.filter((text) => check?.(text) !== false)).toEqual([]);
  });

  it('leaves out what the API server does not check', () => {
    expect(formatCheck('int64')).toBeUndefined();
    expect(formatCheck('k8s-short-name')).toBeUndefined();
  });
});
