import { timingSafeEqual, createHash } from 'node:crypto';
import { sleep, systemClock } from '@trueup/kube';
import { OptionError } from '../errors.js';
import { plainText, type Answer, type Endpoint } from './http-endpoints.js';

const SECONDS = { byDefault: 30, max: 300 };
const SHORTEST_TOKEN = 16;

/** Takes a profile of this process until the wait is over. */
type Profiler = (wait: () => Promise<void>) => Promise<object>;

/**
 * Profiles of the operator's process, for who has the token, one at a time. They hold names of functions and files, never
 * what variables hold; a heap snapshot would hold every secret in memory, and there is none for that reason.
 *
 * - `/debug/pprof/profile?seconds=30`: where CPU time goes, as a `.cpuprofile`.
 * - `/debug/pprof/heap?seconds=30`: where memory was allocated that is still in use at the end, as a `.heapprofile`.
 *
 * Chrome's developer tools, VS Code and speedscope open both.
 *
 * @throws {@link OptionError} for a token that could be guessed.
 */
export function profileEndpoints(token: string): Readonly<Record<string, Endpoint>> {
  if (token.length < SHORTEST_TOKEN)
    throw new OptionError(
      `profileToken has ${token.length} characters; take at least ${SHORTEST_TOKEN}, drawn at random`,
    );
  let isBusy = false;
  const endpoint =
    (profiler: Profiler, extension: string): Endpoint =>
    async (query, { authorization, signal }) => {
      if (!isSame(authorization, `Bearer ${token}`))
        return { ...plainText(401, 'unauthorized'), headers: { 'www-authenticate': 'Bearer' } };
      const seconds = Number(query.get('seconds') ?? SECONDS.byDefault);
      if (!(seconds > 0 && seconds <= SECONDS.max))
        return plainText(400, `seconds must be a number above 0 and up to ${SECONDS.max}`);
      if (isBusy) return plainText(409, 'another profile is being taken');
      isBusy = true;
      try {
        const profile = await profiler(() => sleep(systemClock, seconds * 1000, signal));
        return asFile(JSON.stringify(profile), `operator.${extension}`);
      } finally {
        isBusy = false;
      }
    };
  return {
    '/debug/pprof/profile': endpoint(cpuProfile, 'cpuprofile'),
    '/debug/pprof/heap': endpoint(heapProfile, 'heapprofile'),
  };
}

const cpuProfile: Profiler = async (wait) => {
  const session = await openSession();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await wait();
    return (await session.post('Profiler.stop')).profile;
  } finally {
    session.disconnect();
  }
};

const heapProfile: Profiler = async (wait) => {
  const session = await openSession();
  try {
    await session.post('HeapProfiler.startSampling');
    await wait();
    return (await session.post('HeapProfiler.stopSampling')).profile;
  } finally {
    session.disconnect();
  }
};

/** Loaded when it is asked for: most operators are never profiled. */
async function openSession() {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  return session;
}

function asFile(body: string, name: string): Answer {
  const headers = { 'content-disposition': `attachment; filename="${name}"` };
  return { status: 200, contentType: 'application/json', body, headers };
}

/** In a time that does not tell where they differ. */
function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}
