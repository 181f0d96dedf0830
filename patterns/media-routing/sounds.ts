/** Recordings as a scenario puts them into the bucket. */

interface Sound {
  readonly seconds: number;
  /** Samples a second. */
  readonly rate: number;
  /** Left out of the head, as by a recorder that doesn't know yet. */
  readonly unknownLength?: boolean;
}

/** A tone of a quarter of the rate: four samples are one swing of it. */
const SWING = [0, 1, 2, 3].map((quarter) => Math.sin((quarter * Math.PI) / 2 + Math.PI / 4));

/** A tone that swells from silence, as PCM with eight bits. */
export function swelling({ seconds, rate, unknownLength = false }: Sound): Buffer {
  const sound = Buffer.alloc(seconds * rate);
  for (let i = 0; i < sound.length; i++) sound[i] = 128 + Math.round(100 * (i / sound.length) * SWING[i % 4]);
  return wav(sound, { code: 1, rate, block: 1, bits: 8, bytes: unknownLength ? 0xffffffff : sound.length });
}

/** As many bytes of the same noise as IMA ADPCM, which is four bits a sample. */
export function compressed(bytes: number, rate: number): Buffer {
  const block = 1024;
  const one = Buffer.alloc(block);
  for (let i = 4; i < block; i++) one[i] = (i * 37) % 256;
  const sound = Buffer.alloc(bytes - (bytes % block), one);
  return wav(sound, { code: 0x11, rate, block, bits: 4, bytes: sound.length });
}

function wav(sound: Buffer, format: { code: number; rate: number; block: number; bits: number; bytes: number }): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(Math.min(0xffffffff, 36 + format.bytes), 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format.code, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(format.rate, 24);
  head.writeUInt32LE(format.rate, 28);
  head.writeUInt16LE(format.block, 32);
  head.writeUInt16LE(format.bits, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(format.bytes, 40);
  return Buffer.concat([head, sound]);
}
