import type { Attributes } from '../authorization/attributes.js';
import type { Authorizer } from '../authorization/authorizer.js';
import { serviceAccountGroups, serviceAccountUser } from '../authorization/service-account-user.js';
import type { AccessAnswer, AccessOracle, ResourceQuestion } from '../cel/library/authorization.js';
import type { UserInfo } from '../resources/write-context.js';

/** Answers expressions that ask what a user may do. */
export class UserAccess implements AccessOracle {
  readonly #authorizer: Authorizer;
  readonly #user: UserInfo;

  constructor(authorizer: Authorizer, user: UserInfo) {
    this.#authorizer = authorizer;
    this.#user = user;
  }

  askPath(path: string, verb: string): AccessAnswer {
    return this.#decide({ type: 'path', path, verb });
  }

  askResource({ group, resource, subresource, namespace, name }: ResourceQuestion, verb: string): AccessAnswer {
    return this.#decide({
      type: 'resource',
      verb,
      group,
      resource,
      ...(subresource === '' ? {} : { subresource }),
      ...(namespace === '' ? {} : { namespace }),
      ...(name === '' ? {} : { name }),
    });
  }

  ofServiceAccount(namespace: string, name: string): UserAccess {
    const groups = [...serviceAccountGroups(namespace), 'system:authenticated'];
    return new UserAccess(this.#authorizer, { username: serviceAccountUser(namespace, name), groups });
  }

  #decide(attributes: Attributes): AccessAnswer {
    return this.#authorizer.decide(this.#user, attributes);
  }
}
