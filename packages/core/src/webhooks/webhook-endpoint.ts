/** Answers the reviews that the API server posts to one path. */
export interface WebhookEndpoint {
  readonly path: string;
  /** A larger body is refused. */
  readonly maxBytes: number;
  /**
   * @param body - What was posted: JSON, unchecked.
   * @param signal - Aborts when nobody waits for the answer any more.
   * @throws {@link ReviewError} for what is no review. Anything else that is thrown is a failure of the webhook.
   */
  answer(body: unknown, signal: AbortSignal): Promise<object>;
}
