import type { KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';

/** Who writes and when: what a managedFields entry records. */
export interface Writer {
  readonly manager: string;
  /** The version the request was made in, `apps/v1`. */
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly now: Date;
}

export interface ApplyRequest extends Writer {
  readonly schema: Schema;
  /** Custom kinds refuse nulls and keep `[]` managedFields; built-in kinds differ. */
  readonly custom: boolean;
  readonly live?: KubeObject;
  /** The applied configuration as sent, decoded. */
  readonly patch: KubeObject;
  readonly force: boolean;
  /** Top-level fields that this endpoint does not write (`status` on the main path): dropped and not owned. */
  readonly ignoredFields: readonly string[];
}
