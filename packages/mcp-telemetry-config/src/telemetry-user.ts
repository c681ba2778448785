/** A workload that sends its traces and metrics as a config says. */
export interface TelemetryUser {
  readonly name: string;
  readonly namespace: string;
  /** What `telemetryConfigRef` calls its service; empty or absent: as the workload is called. */
  readonly serviceName?: string | undefined;
}

export function serviceNameOf({ name, serviceName }: TelemetryUser): string {
  return serviceName || name;
}
