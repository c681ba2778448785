import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CaseContext } from '../case-context.js';
import type { CommandStep, WaitStep } from '../case-format.js';
import { differencesOf, expectNone } from '../differences.js';
import { isList, textOf } from '../json.js';

const COMMAND_MS = 20_000;
const OUTPUT_MS = 10_000;

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<unknown>;
  stdout: string;
  stderr: string;
}

/** The commands that a case has started, by name; they share a home that goes with the case. */
export class Commands {
  readonly #running = new Map<string, Running>();
  #home: Promise<string> | undefined;

  /** Runs a command against the server; one in the background goes on until a step waits for it. */
  async run(context: CaseContext, step: CommandStep): Promise<void> {
    const home = await (this.#home ??= mkdtemp(path.join(tmpdir(), 'trueup-conformance-')));
    const filled = context.fill(step.exec);
    const [program = '', ...args] = isList(filled) ? filled.map(textOf) : textOf(filled).split(' ');
    const { kubeconfig } = context.target;
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: home, KUBECACHEDIR: path.join(home, 'cache') };
    const child = spawn(program, args, { env, cwd: home, signal: context.signal });
    const running: Running = { child, ended: once(child, 'close'), stdout: '', stderr: '' };
    this.#running.set(step.as ?? program, running);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (running.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (running.stderr += text));
    // It may end without having read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(step.stdin === undefined ? '' : JSON.stringify(context.fill(step.stdin)));
    if (!step.background) await this.#end(context, running, step);
    else running.ended.catch(() => undefined);
  }

  /** Waits for output, or for the end; or ends the command. */
  async wait(context: CaseContext, step: WaitStep): Promise<void> {
    const running = this.#running.get(step.wait);
    if (!running) throw new Error(`no command was started as ${step.wait}`);
    if (step.kill) {
      running.child.kill();
    } else if (step.output !== undefined) {
      const pattern = new RegExp(context.fillText(step.output));
      await context
        .until(() => pattern.test(running.stdout), step.within ?? OUTPUT_MS)
        .catch(() => expectNone([{ path: 'stdout', expected: String(pattern), actual: running.stdout }]));
    } else {
      await this.#end(context, running, step);
    }
  }

  async close(): Promise<void> {
    for (const { child } of this.#running.values()) child.kill();
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
    if (this.#home !== undefined) await rm(await this.#home, { recursive: true, force: true });
  }

  async #end(context: CaseContext, running: Running, step: CommandStep | WaitStep): Promise<void> {
    const timer = setTimeout(() => running.child.kill(), step.within ?? COMMAND_MS);
    await running.ended.finally(() => clearTimeout(timer));
    const { child, stdout, stderr } = running;
    const found = differencesOf(
      context.fill(step.expect ?? { code: 0 }),
      { code: child.exitCode, stdout, stderr },
      { partial: true },
    );
    expectNone(found.length === 0 ? [] : [...found, { path: 'stderr', expected: undefined, actual: stderr }]);
  }
}
