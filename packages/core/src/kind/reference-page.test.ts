import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineKind } from './define-kind.js';
import { referencePage } from './reference-page.js';
import { entryCount, int32, intOrString, listMap, rawObject, rule } from './schema-annotations.js';

describe('referencePage', () => {
  it('names every field with its type, default and bounds, and every rule', () => {
    const Greeting = defineKind({
      group: 'example.dev',
      kind: 'Greeting',
      shortNames: ['gr'],
      description: 'Says something.',
      versions: { v1: { storage: true }, v1beta1: { deprecated: 'use v1' } },
      spec: rule(
        z.object({
          message: z.string().min(1).regex(/^a|b$/).describe('What is said,\nor sung.'),
          times: int32().min(1).default(3).describe('How often.'),
          mood: z.enum(['kind', 'loud']).nonoptional().describe('How.'),
          port: intOrString().optional(),
          labels: entryCount(z.record(z.string(), z.string()), { max: 4 }).optional(),
          extra: rawObject().optional(),
          guests: listMap(z.array(z.object({ name: z.string().max(9) })), ['name']),
          tags: z.array(z.string().max(5)).max(2).nullable(),
        }),
        { rule: "self.message != '' || self.times == 1", message: 'say it once' },
      ),
      status: z.object({ greeted: z.int().optional().describe('How many were greeted.') }),
    });

    expect(referencePage(Greeting)).toBe(
      [
        '# Greeting',
        '',
        'Says something.',
        '',
        '|  |  |',
        '| --- | --- |',
        '| API version | `example.dev/v1` |',
        '| Versions | `v1` (stored), `v1beta1` (deprecated: use v1) |',
        '| Plural | `greetings` |',
        '| Short names | `gr` |',
        '| Scope | Namespaced |',
        '',
        '## Spec',
        '',
        '| Field | Type | Required | Default | Constraints | Description |',
        '| --- | --- | --- | --- | --- | --- |',
        '| `spec.message` | string | yes |  | min length 1; matches `^a\\|b$` | What is said, or sung. |',
        '| `spec.times` | integer (int32) |  | `3` | at least 1 | How often. |',
        '| `spec.mood` | string | yes |  | `kind`, `loud` | How. |',
        '| `spec.port` | integer or string |  |  |  |  |',
        '| `spec.labels` | map of strings |  |  | max entries 4 |  |',
        '| `spec.extra` | any JSON object |  |  |  |  |',
        '| `spec.guests` | list of objects | yes |  | unique by `name` |  |',
        '| `spec.guests[].name` | string | yes |  | max length 9 |  |',
        '| `spec.tags` | list of strings | yes |  | max items 2; may be null |  |',
        '| `spec.tags[]` | string |  |  | max length 5 |  |',
        '',
        '### Rules of the spec',
        '',
        '| Field | Rule | Message |',
        '| --- | --- | --- |',
        "| `spec` | `self.message != '' \\|\\| self.times == 1` | say it once |",
        '',
        '## Status',
        '',
        '| Field | Type | Required | Default | Constraints | Description |',
        '| --- | --- | --- | --- | --- | --- |',
        '| `status.greeted` | integer |  |  |  | How many were greeted. |',
        '',
      ].join('\n'),
    );
  });
});
