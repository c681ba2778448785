import { setMaxListeners } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { duplexPair } from '@trueup/control-plane';
import { sleep, type Clock } from '@trueup/kube';
import type { FaultSchedule, RequestFault } from './fault-schedule.js';
import { FaultyWatch } from './faulty-watch.js';
import { requestSubject, type RequestSubject } from './request-subject.js';

export interface FaultyNetworkOptions {
  /** Opens a connection to the API server. */
  readonly server: () => Duplex;
  /** Who is on this side of the network. */
  readonly replica: string;
  readonly schedule: FaultSchedule;
  readonly clock: Clock;
  /** Told of every request as it arrives, and of what becomes of it. */
  readonly observe: (event: string) => void;
}

const REASONS = { 409: 'Conflict', 410: 'Expired', 429: 'TooManyRequests', 500: 'InternalError' } as const;

/** All that is between one replica of an operator and the API server, and everything that can go wrong there. */
export class FaultyNetwork {
  /** Resolves when the replica has crashed: nothing of it reaches the server from then on. */
  readonly crashed: Promise<void>;
  readonly #server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (incoming, response) => {
    this.#serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  readonly #connections = new Set<Duplex>();
  readonly #closed = closeController();
  /** Watches that broke off before the replica was told that it has missed something. */
  readonly #expired = new Set<string>();
  #crash: () => void = () => undefined;
  #isDown = false;
  #endOutage: () => void = () => undefined;

  constructor(private readonly options: FaultyNetworkOptions) {
    this.crashed = new Promise((resolve) => (this.#crash = resolve));
  }

  /** Opens a connection of the replica. @throws while the network is down. */
  connect(): Duplex {
    if (this.#isDown) throw Object.assign(new Error('the network is down'), { code: 'ECONNREFUSED' });
    const [replica, server] = duplexPair();
    this.#connections.add(server);
    server.once('close', () => this.#connections.delete(server));
    this.#server.emit('connection', server);
    return replica;
  }

  /** Breaks every connection, for good. */
  close(): void {
    this.#goDown();
    this.#closed.abort();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/', method = 'GET', socket } = incoming;
    const { replica, schedule, observe } = this.options;
    const body = await bodyOf(incoming);
    const subject = requestSubject(method, url);
    const name = `${replica} ${subject.verb} ${subject.path}`;
    const { requestMs, answerMs } = schedule.latencyOf(replica, subject);
    const fault = schedule.ofRequest(replica, subject);
    observe(name);
    await this.#wait(requestMs);
    if (socket.destroyed) return;
    if (fault !== undefined) observe(`${name}: ${Object.values(fault).join(' ')}`);
    if (fault !== undefined && !this.#mayPass(fault, socket, response)) return;
    if (subject.verb === 'watch') return this.#watch(subject, incoming, response, fault);
    const answer = await this.#forward(incoming, body);
    const text = await bodyOf(answer);
    observe(`${name}: ${answer.statusCode}`);
    await this.#wait(answerMs);
    if (fault?.type === 'crash') return this.#die();
    if (fault?.type === 'reset') return void socket.destroy();
    if (fault?.type === 'silence' || socket.destroyed) return;
    response.writeHead(answer.statusCode ?? 500, withoutFraming(answer.headers)).end(text);
  }

  /** Does what happens before a request gets to the server. @returns whether it gets there. */
  #mayPass(fault: RequestFault, socket: Duplex, response: ServerResponse): boolean {
    switch (fault.type) {
      case 'refusal':
        refuse(response, fault.code);
        return false;
      case 'outage':
        this.#goDown();
        this.#endOutage = this.options.clock.schedule(fault.ms, () => (this.#isDown = false));
        return false;
      case 'crash':
        if (fault.when === 'before') this.#die();
        return fault.when === 'after';
      case 'reset':
        if (fault.when === 'before') socket.destroy();
        return fault.when === 'after';
      case 'silence':
        return fault.when === 'after';
    }
  }

  async #watch(
    { path, beginsWithList }: RequestSubject,
    incoming: IncomingMessage,
    response: ServerResponse,
    fault: RequestFault | undefined,
  ): Promise<void> {
    const { replica, schedule, clock, observe } = this.options;
    if (this.#expired.delete(path) && !beginsWithList) return refuse(response, 410);
    const answer = await this.#forward(incoming, Buffer.alloc(0));
    if (response.destroyed) return void answer.destroy();
    response.writeHead(answer.statusCode ?? 500, withoutFraming(answer.headers));
    if (answer.statusCode !== 200) {
      response.end(await bodyOf(answer));
      return;
    }
    response.flushHeaders();
    const isSilent = fault?.type === 'silence';
    const watch = new FaultyWatch({
      replica,
      schedule,
      clock,
      beginsWithList,
      send: (line) => {
        observe(`${replica} is told of ${path}`);
        if (!isSilent) response.write(`${line}\n`);
      },
      end: () => response.end(),
    });
    response.once('close', () => {
      watch.close();
      if (watch.hasDropped) this.#expired.add(path);
      answer.destroy();
    });
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => watch.accept(chunk));
    answer.once('error', () => response.destroy());
    answer.once('end', () => response.end());
  }

  #forward({ url, method, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ path: url, method, headers, createConnection: this.options.server });
      outgoing.once('response', resolve).once('error', reject).end(body);
    });
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(this.options.clock, ms, this.#closed.signal);
  }

  #goDown(): void {
    this.#endOutage();
    this.#isDown = true;
    for (const connection of this.#connections) connection.destroy();
  }

  #die(): void {
    this.#goDown();
    this.#crash();
  }
}

/** The length is that of the text as it was read; the framing is ours. */
function withoutFraming({ 'transfer-encoding': _, connection: _c, ...headers }: IncomingMessage['headers']) {
  return headers;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, code: keyof typeof REASONS): void {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: REASONS[code], code };
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(code === 429 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify({ ...status, message: 'simulated' }));
}

/** Every request that is under way listens to its signal. */
function closeController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
