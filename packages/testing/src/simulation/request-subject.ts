/** What a request is about. */
export interface RequestSubject {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** Resource, name, subresource and selectors: `greetings/world/status`. Two requests of one kind have the same. */
  readonly path: string;
  /** It is a watch that begins with all objects, in place of a list. */
  readonly beginsWithList: boolean;
}

const VERBS: Readonly<Record<string, RequestSubject['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What is drawn by lot in the names of some resources. */
const DRAWN_SUFFIX: Readonly<Record<string, RegExp>> = { events: /\.[0-9a-f]+$/, pods: /-[0-9a-z]{5}$/ };

/** Reads what a request is about from its method and URL. */
export function requestSubject(method: string, url: string): RequestSubject {
  const { pathname, searchParams } = new URL(url, 'http://server');
  const parts = pathname.split('/').slice(pathname.startsWith('/apis/') ? 4 : 3);
  const [resource = '', name, subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts;
  const selectors = ['labelSelector', 'fieldSelector', 'limit'].flatMap((key) => searchParams.get(key) ?? []);
  const path =
    parts.length === 0
      ? pathname
      : [resource, name?.replace(DRAWN_SUFFIX[resource] ?? '', ''), subresource, ...selectors]
          .filter((part) => part !== undefined)
          .join('/');
  const isWatch = ['1', 'true'].includes(searchParams.get('watch') ?? '');
  const verb = VERBS[method] ?? (isWatch ? 'watch' : name === undefined ? 'list' : 'get');
  return { verb, path, beginsWithList: isWatch && searchParams.get('sendInitialEvents') === 'true' };
}
