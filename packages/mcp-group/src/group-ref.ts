import {
  configRef,
  verdict,
  type ConfigRef,
  type ConfigRefOptions,
  type CustomObject,
  type KindOf,
  type StatedVerdict,
} from '@trueup/core';
import { MCPGroup } from './resource.js';

/** The condition of a group that says whether its members are known; its phase follows from it. */
export const CHECKED = 'MCPServersChecked';

/** An object that can belong to a group, or serve one. */
export type GroupMember = CustomObject<{ readonly groupRef?: { readonly name?: string } | undefined }>;

/** The messages of `GroupRefValidated`, which kinds word differently. */
export interface GroupRefMessages {
  valid(group: string): string;
  notFound(group: string, namespace: string): string;
  /** @param phase - Empty while the group has no status. */
  notReady(group: string, phase: string): string;
}

export interface GroupRefOptions extends Pick<ConfigRefOptions<GroupMember, MCPGroup>, 'gate' | 'unreferenced'> {
  readonly messages?: Partial<GroupRefMessages>;
  /** Reason while the group can be used. Default `GroupRefIsValid`. */
  readonly validReason?: string;
}

const MESSAGES: GroupRefMessages = {
  valid: (group) => `MCPGroup '${group}' is valid and ready`,
  notFound: (group, namespace) => `MCPGroup '${group}' not found in namespace '${namespace}'`,
  notReady: (group, phase) => `MCPGroup '${group}' is not ready (current phase: ${phase})`,
};

/**
 * Declares that objects of a kind name a group in `spec.groupRef`, judged in the condition `GroupRefValidated`. Objects of a
 * kind that the group lists (MCPServer, MCPRemoteProxy, MCPServerEntry) thereby belong to it.
 *
 * Membership is advice: unless `gate` says otherwise, everything else goes on without the group.
 *
 * @example
 * ```ts
 * export const serverGroupRef = groupRef(MCPServer);
 * ```
 */
export function groupRef<From extends GroupMember>(
  from: KindOf<From>,
  { messages: overrides, validReason = 'GroupRefIsValid', gate = 'nothing', unreferenced }: GroupRefOptions = {},
): ConfigRef<From, MCPGroup> {
  const messages = { ...MESSAGES, ...overrides };
  const notReady = (group: string, phase: string) => verdict.false('GroupRefNotReady', messages.notReady(group, phase));
  return configRef<From, MCPGroup>({
    from,
    to: MCPGroup,
    name: (member) => member.spec.groupRef?.name,
    condition: 'GroupRefValidated',
    judgement: CHECKED,
    gate,
    ...(unreferenced && { unreferenced }),
    wording: {
      valid: (group) => verdict.true(validReason, messages.valid(group)),
      notFound: (group, namespace) => verdict.false('GroupRefNotFound', messages.notFound(group, namespace)),
      pending: (group) => notReady(group, ''),
      invalid: (group) => notReady(group, 'Failed'),
    },
    accepts: ({ metadata, status }): StatedVerdict | undefined => {
      if (metadata.deletionTimestamp !== undefined) {
        return verdict.false('GroupRefNotFound', 'Referenced MCPGroup is being deleted');
      }
      return status?.phase === 'Ready' ? undefined : notReady(metadata.name, status?.phase ?? '');
    },
  });
}
