import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChildInput } from './item-batcher';

/** Characters that are compressed together. */
const BLOCK_CHARACTERS = 256 * 1024;

/** Inputs that were read and that no child was started for: compressed, because there may be a million of them. */
export class KeptInputs {
  private readonly blocks: Buffer[] = [];
  private lines: string[] = [];
  private characters = 0;

  add(input: ChildInput): void {
    const line = JSON.stringify(input);
    this.lines.push(line);
    this.characters += line.length;
    if (this.characters < BLOCK_CHARACTERS) return;
    this.blocks.push(deflateRawSync(this.lines.join('\n'), { level: 1 }));
    this.lines = [];
    this.characters = 0;
  }

  /** In the order in which they came. */
  *all(): Iterable<ChildInput> {
    for (const block of this.blocks) for (const line of inflateRawSync(block).toString('utf8').split('\n')) yield JSON.parse(line);
    for (const line of this.lines) yield JSON.parse(line);
  }
}
