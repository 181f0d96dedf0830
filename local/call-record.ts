import type { ApiCall } from './cloud-types';

/** Bytes of a call's body that were too many to keep. */
export class LeftOut {
  constructor(readonly bytes: number) {}

  toJSON(): string {
    return `${this.bytes} bytes, not kept`;
  }
}

/** Enough for any test; a run over millions of items writes and reads more. */
export const RECORDED_BYTES = 16 * 1024 * 1024;

/**
 * Every call that was made, in order. Their bodies, what S3 stores and functions are given, are kept up to so many bytes in all: the
 * record must not be what fills the memory. What costs and reports are made of is not bytes, and stays.
 */
export class CallRecord {
  readonly calls: ApiCall[] = [];

  constructor(private bytesLeft = RECORDED_BYTES) {}

  add(call: ApiCall): void {
    const input = this.kept(call.input);
    const output = this.kept(call.output);
    this.calls.push(input === call.input && output === call.output ? call : { ...call, input, output });
  }

  /** A body is a member of the request or of the answer itself, never deeper. */
  private kept<T>(parts: T): T {
    if (typeof parts !== 'object' || parts === null) return parts;
    const large: [string, LeftOut][] = [];
    for (const [name, value] of Object.entries(parts)) {
      if (!(value instanceof Uint8Array)) continue;
      if (value.byteLength <= this.bytesLeft) this.bytesLeft -= value.byteLength;
      else large.push([name, new LeftOut(value.byteLength)]);
    }
    return large.length === 0 ? parts : { ...parts, ...Object.fromEntries(large) };
  }
}
