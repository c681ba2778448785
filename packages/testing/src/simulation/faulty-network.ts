import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { FaultSchedule, RequestFault } from './fault-schedule.js';
import { FaultyWatch } from './faulty-watch.js';
import { requestSubject } from './request-subject.js';

export interface FaultyNetworkOptions {
  /** Base URL of the API server, without TLS. */
  readonly server: string;
  /** Who is on this side of the network. */
  readonly replica: string;
  readonly schedule: FaultSchedule;
}

const REASONS = { 409: 'Conflict', 410: 'Expired', 429: 'TooManyRequests', 500: 'InternalError' } as const;

/** All that is between one replica of an operator and the API server, and everything that can go wrong there. */
export class FaultyNetwork {
  /** Resolves when the replica has crashed: nothing of it reaches the server from then on. */
  readonly crashed: Promise<void>;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #sockets = new Set<Socket>();
  readonly #closers = new Set<() => void>();
  /** Watches that broke off before the replica was told that it has missed something. */
  readonly #expired = new Set<string>();
  #crash: () => void = () => undefined;
  #isDown = false;
  #back: NodeJS.Timeout | undefined;

  private constructor(private readonly options: FaultyNetworkOptions) {
    this.crashed = new Promise((resolve) => (this.#crash = resolve));
    this.#server = createServer((incoming, response) => {
      void this.#serve(incoming, response).catch(() => incoming.socket.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(options: FaultyNetworkOptions): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(options);
    await new Promise<void>((resolve) => network.#server.listen(0, '127.0.0.1', resolve));
    return network;
  }

  /** Where the replica finds the API server. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#goDown();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/', method = 'GET', socket } = incoming;
    const body = await bodyOf(incoming);
    if (this.#isDown) return void socket.destroy();
    const subject = requestSubject(method, url);
    const fault = this.options.schedule.ofRequest(this.options.replica, subject);
    if (fault !== undefined && !(await this.#mayPass(fault, socket, response))) return;
    if (subject.verb === 'watch') return this.#watch(subject.path, incoming, response);
    const answer = await this.#forward(incoming, body);
    const text = await bodyOf(answer);
    if (fault?.type === 'crash') return this.#die();
    if (fault?.type === 'reset' || this.#isDown) return void socket.destroy();
    response.writeHead(answer.statusCode ?? 500, withoutFraming(answer.headers)).end(text);
  }

  /** Does what happens before a request gets to the server. @returns whether it gets there. */
  async #mayPass(fault: RequestFault, socket: Socket, response: ServerResponse): Promise<boolean> {
    switch (fault.type) {
      case 'refusal':
        refuse(response, fault.code);
        return false;
      case 'outage':
        this.#goDown();
        this.#back = setTimeout(() => (this.#isDown = false), fault.ms);
        return false;
      case 'crash':
        if (fault.when === 'before') this.#die();
        return fault.when === 'after';
      case 'reset':
        if (fault.when === 'before') socket.destroy();
        return fault.when === 'after';
    }
  }

  async #watch(path: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#expired.delete(path)) return refuse(response, 410);
    const answer = await this.#forward(incoming, Buffer.alloc(0));
    response.writeHead(answer.statusCode ?? 500, withoutFraming(answer.headers));
    if (answer.statusCode !== 200) {
      response.end(await bodyOf(answer));
      return;
    }
    response.flushHeaders();
    const watch = new FaultyWatch({
      replica: this.options.replica,
      schedule: this.options.schedule,
      send: (line) => response.write(`${line}\n`),
      end: () => response.end(),
    });
    const close = (): void => {
      watch.close();
      if (watch.hasDropped) this.#expired.add(path);
      answer.destroy();
      this.#closers.delete(close);
    };
    this.#closers.add(close);
    response.once('close', close);
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => watch.accept(chunk));
    answer.once('error', () => response.destroy());
    answer.once('end', () => response.end());
  }

  #forward({ url, method, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.options.server);
      const outgoing = request({ hostname, port, path: url, method, headers, agent: this.#agent });
      outgoing.once('response', resolve).once('error', reject).end(body);
    });
  }

  #goDown(): void {
    clearTimeout(this.#back);
    this.#isDown = true;
    for (const close of this.#closers) close();
    for (const socket of this.#sockets) socket.destroy();
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
