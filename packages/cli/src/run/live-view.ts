import type { KindOf } from '@trueup/core';
import { Informers, type Client, type KubernetesObject } from '@trueup/kube';
import { formatLine, formatScreen, statusRow, type StatusRow } from './status-table.js';

/** So many milliseconds of changes become one redraw. */
const REDRAW_MS = 100;
/** An empty line above the table, and the one below it where the cursor stands. */
const LINES_AROUND = 2;
const CLEAR_SCREEN = '\x1b[2J\x1b[3J\x1b[H';

export interface LiveViewOptions {
  readonly kinds: readonly KindOf[];
  readonly output: NodeJS.WriteStream;
  /** Shown above the table. */
  readonly banner: string;
}

/**
 * Keeps a table of objects and their conditions on the screen. On a terminal it is redrawn; elsewhere each object that
 * changed is a new line.
 */
export class LiveView {
  readonly #informers: Informers;
  readonly #shown = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    client: Client,
    private readonly options: LiveViewOptions,
  ) {
    this.#informers = new Informers(client);
  }

  start(): void {
    for (const { resource } of this.options.kinds) {
      const informer = this.#informers.informer<KubernetesObject>(resource);
      informer.store.subscribe(() => this.#changed());
      informer.start();
    }
    if (this.options.output.isTTY) this.#changed();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#informers.stop();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, REDRAW_MS);
  }

  #draw(): void {
    const { kinds, output, banner } = this.options;
    const rows = kinds.flatMap(({ resource }) => {
      const objects = this.#informers.informer<KubernetesObject>(resource).store.list();
      return objects.map(statusRow).sort((a, b) => (a.name < b.name ? -1 : 1));
    });
    if (output.isTTY) {
      const height = output.rows - banner.split('\n').length - LINES_AROUND;
      const table = formatScreen(rows, { color: output.hasColors(), width: output.columns, height });
      output.write(`${CLEAR_SCREEN}${banner}\n\n${table}\n`);
    } else this.#appendChanged(rows);
  }

  #appendChanged(rows: readonly StatusRow[]): void {
    const present = new Map(rows.map((row) => [`${row.kind} ${row.name}`, formatLine(row)]));
    for (const [key, line] of present) {
      if (this.#shown.get(key) !== line) this.options.output.write(`${line}\n`);
    }
    for (const key of this.#shown.keys()) {
      if (!present.has(key)) this.options.output.write(`${key.replace(' ', '  ')}  deleted\n`);
    }
    this.#shown.clear();
    for (const [key, line] of present) this.#shown.set(key, line);
  }
}
