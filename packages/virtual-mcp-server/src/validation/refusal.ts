/** Why a condition is False. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}
