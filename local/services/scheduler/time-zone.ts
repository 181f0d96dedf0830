/** Wall clocks. A wall time is written as the milliseconds that UTC would have at that reading. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that the IANA database doesn't have */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  toWall(instant: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value);
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  }

  /** The first instant with this reading; undefined in the hour that the clocks skip. */
  toInstant(wall: number): number | undefined {
    const day = 86_400_000;
    const offsets = [wall - day, wall + day].map((near) => this.toWall(near) - Math.floor(near / 1000) * 1000);
    return offsets
      .map((offset) => wall - offset)
      .filter((instant) => this.toWall(instant) === wall)
      .sort((a, b) => a - b)[0];
  }
}
