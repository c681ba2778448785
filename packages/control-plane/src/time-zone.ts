/** A time zone of the IANA data base, as this machine's ICU has it. */
export class TimeZone {
  static readonly UTC = new TimeZone(undefined);

  readonly #format: Intl.DateTimeFormat | undefined;

  private constructor(format: Intl.DateTimeFormat | undefined) {
    this.#format = format;
  }

  /** @returns undefined when there is no zone of the name. */
  static named(name: string): TimeZone | undefined {
    if (name === '' || name === 'UTC') return TimeZone.UTC;
    try {
      return new TimeZone(new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }));
    } catch {
      return undefined;
    }
  }

  /** How far local time is ahead of UTC at a moment, in seconds. */
  offsetSeconds(momentMs: number): number {
    if (this.#format === undefined) return 0;
    const name = this.#format.formatToParts(momentMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  }

  /** A moment as a calendar and a clock on the wall show it there: read the date's UTC fields. */
  wallClock(momentMs: number): Date {
    return new Date(momentMs + this.offsetSeconds(momentMs) * 1000);
  }

  /**
   * The moment at which a wall clock shows a time, given as if it were UTC. Of two such moments the first; for a time that
   * is skipped, one shortly after it.
   */
  momentOf(wallMs: number): number {
    const nearby = wallMs - this.offsetSeconds(wallMs) * 1000;
    const candidates = [nearby, wallMs - this.offsetSeconds(nearby) * 1000].sort((a, b) => a - b);
    const isShown = (momentMs: number): boolean => this.wallClock(momentMs).getTime() === wallMs;
    return candidates.find(isShown) ?? Math.max(...candidates);
  }
}
