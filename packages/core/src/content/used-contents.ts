import type { Contents } from '../engine/context.js';
import { formatContentRef, type ContentRef } from './content-ref.js';
import type { ContentWatch, Interest } from './content-watch.js';

/** Thrown through the author's code when content is not known yet; the engine takes it for "not now". */
export class ContentPending extends Error {
  override readonly name = 'ContentPending';
}

/** The contents one reconcile asks for. */
export class UsedContents {
  readonly #used: { readonly ref: ContentRef; readonly namespace: string }[] = [];

  constructor(
    private readonly watch: ContentWatch,
    private readonly interest: Interest,
  ) {}

  /** @throws {@link ContentPending} while anything is being looked up. */
  read(refs: readonly ContentRef[], namespace: string): Contents {
    const found = refs.map((ref) => {
      this.#used.push({ ref, namespace });
      return { ref, content: this.watch.lookup(ref, namespace, this.interest) };
    });
    const missing: ContentRef[] = [];
    const digests: string[] = [];
    for (const { ref, content } of found) {
      if (content.state === 'pending') throw new ContentPending(`${formatContentRef(ref)} is being looked up`);
      if (content.state === 'unreadable')
        throw new Error(`${formatContentRef(ref)} cannot be read: ${content.message}`);
      if (content.state === 'present') digests.push(content.digest);
      else if (ref.optional !== true) missing.push(ref);
    }
    return { missing, digest: digests.length === 0 ? undefined : this.watch.combine(digests) };
  }

  /** Everything the object needs was asked for: what it asked for before and not now need not be watched. */
  settle(): void {
    this.watch.retain(this.interest.id, this.#used);
  }
}
