/** Told what the webhooks of an operator do, for metrics. Nothing here may throw. */
export interface WebhookObserver {
  /** A path of a webhook is there and may be asked. */
  serves(path: string): void;
  /** A review came in; call the result with the HTTP status it was answered with. */
  began(path: string): (status: number) => void;
}
