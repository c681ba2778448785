/**
 * What is wrong with the URL of a webhook, which has one.
 *
 * `URL` alone is too lenient: it strips blanks and finds a host in `https:example.com`, where proxies find none. Messages do
 * not repeat the URL, which may hold a password.
 *
 * @param insecure - http is permitted, too.
 */
export function urlProblem(url: string, insecure: boolean): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  if (!isRequestUri(url, scheme)) return 'webhook URL is invalid: it is not an absolute URI';
  if (scheme !== 'https' && !insecure) {
    return 'webhook URL must use HTTPS (set insecure_skip_verify to allow HTTP for development/in-cluster use)';
  }
  if (scheme !== 'https' && scheme !== 'http') return 'webhook URL must use http or https';
  return hasHost(url) ? undefined : 'webhook URL is invalid: it has no host';
}

/** An absolute URI or an absolute path, as the format `uri` of the API server has it. */
function isRequestUri(url: string, scheme: string): boolean {
  if (/\p{Cc}/u.test(url) || /^[^?]*%(?![0-9a-f]{2})/i.test(url)) return false;
  return scheme === '' ? url.startsWith('/') : !hasHost(url) || URL.canParse(url);
}

const hasHost = (url: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?[^/?#:@]/i.test(url);
