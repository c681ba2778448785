import { TRANSPORTS, type RunConfig } from './run-config.js';

const LISTENING_EVERYWHERE_OR_LOCALLY = ['0.0.0.0', '127.0.0.1', 'localhost'];

/** The first thing that keeps the runner from starting a server in a container; undefined when nothing does. */
export function containerRunConfigProblem(config: RunConfig): string | undefined {
  return (
    missing(config, ['image', 'name', 'transport']) ??
    transportProblem(config) ??
    portProblem(config) ??
    hostProblem(config) ??
    environmentProblem(config) ??
    volumeProblem(config) ??
    toolFilterProblem(config)
  );
}

/** The first thing that keeps the runner from starting a proxy for a remote server; undefined when nothing does. */
export function remoteRunConfigProblem(config: RunConfig): string | undefined {
  const { remote_url: url, name, transport, port, host, tools_filter: filter = [] } = config;
  if (!url) return 'remoteUrl is required for remote proxy';
  if (!name) return 'name is required';
  if (transport === 'stdio') return `transport must be SSE or StreamableHTTP for remote proxy, got: ${transport}`;
  if (!port) return 'port is required for remote proxy';
  if (!host) return 'host is required for remote proxy';
  return filter.includes('') ? 'tool filter cannot contain empty values' : undefined;
}

function missing(config: RunConfig, fields: readonly ('image' | 'name' | 'transport')[]): string | undefined {
  const field = fields.find((candidate) => !config[candidate]);
  return field === undefined ? undefined : `${field} is required`;
}

function transportProblem({ transport, proxy_mode: mode }: RunConfig): string | undefined {
  if (!TRANSPORTS.includes(transport)) {
    return `invalid transport type: ${transport}, must be one of: stdio, sse, streamable-http`;
  }
  if (transport === 'stdio' && mode !== undefined && mode !== 'sse' && mode !== 'streamable-http') {
    return `invalid proxyMode ${String(mode)} for stdio transport, must be 'sse' or 'streamable-http'`;
  }
  return undefined;
}

function portProblem({ transport, port, target_port: target }: RunConfig): string | undefined {
  if (transport === 'stdio') return undefined;
  if (!port) return `port is required for transport type ${transport}`;
  if (!target) return `target port is required for transport type ${transport}`;
  if (port < 1 || port > 65535) return `port must be between 1 and 65535, got: ${port}`;
  if (target < 1 || target > 65535) return `target port must be between 1 and 65535, got: ${target}`;
  return undefined;
}

function hostProblem({ host }: RunConfig): string | undefined {
  const isFine = LISTENING_EVERYWHERE_OR_LOCALLY.includes(host) || !host.includes(' ');
  return isFine ? undefined : `invalid host format: ${host}`;
}

function environmentProblem({ env_vars: variables = {} }: RunConfig): string | undefined {
  for (const [key, value] of Object.entries(variables)) {
    if (key === '') return 'environment variable key cannot be empty';
    if (/[=\r\n]/.test(key)) return `invalid environment variable key: ${key}`;
    if (/[\r\n]/.test(value)) return `environment variable value for ${key} contains invalid characters`;
  }
  return undefined;
}

function volumeProblem({ volumes = [] }: RunConfig): string | undefined {
  for (const volume of volumes) {
    const [host, container, option, ...rest] = volume.split(':');
    if (volume === '') return 'volume mount cannot be empty';
    if (container === undefined || rest.length > 0) {
      return `invalid volume mount format: ${volume}, expected host-path:container-path[:ro]`;
    }
    if (host === '' || container === '') return `volume mount paths cannot be empty in: ${volume}`;
    if (option !== undefined && option !== 'ro')
      return `invalid volume mount option: ${option}, only 'ro' is supported`;
  }
  return undefined;
}

function toolFilterProblem({ tools_filter: filter = [] }: RunConfig): string | undefined {
  if (filter.includes('')) return 'tool filter cannot contain empty values';
  const odd = filter.find((tool) => /[,\r\n]/.test(tool));
  return odd === undefined ? undefined : `invalid tool name: ${odd}, cannot contain commas or newlines`;
}
