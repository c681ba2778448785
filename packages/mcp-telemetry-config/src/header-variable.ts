/**
 * Name of the variable in the proxy's environment that holds the value of a sensitive header. There is no way back from it
 * to the header, so a config must not have two headers with one variable.
 */
export function headerVariable(header: string): string {
  return `TOOLHIVE_OTEL_HEADER_${header.replaceAll('-', '_').toUpperCase()}`;
}
