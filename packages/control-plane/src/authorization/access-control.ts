import type { UserInfo } from '../resources/write-context.js';
import type { Attributes } from './attributes.js';
import { accessDenied, type Authorizer } from './authorizer.js';
import type { PermissionLog } from './permission-log.js';

/** Lets requests pass that an authorizer allows, and logs what they needed. */
export class AccessControl {
  readonly authorizer: Authorizer;
  readonly #log: PermissionLog;

  constructor(authorizer: Authorizer, log: PermissionLog) {
    this.authorizer = authorizer;
    this.#log = log;
  }

  /** @throws {@link StatusError} 403 when the user may not. */
  check(user: UserInfo, attributes: Attributes): void {
    const { allowed, reason } = this.authorizer.decide(user, attributes);
    this.#log.record({ ...attributes, user: user.username, allowed });
    if (!allowed) throw accessDenied(user, attributes, reason);
  }
}
