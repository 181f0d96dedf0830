/** The cyclic redundancy checks that Node doesn't have: CRC-32C (Castagnoli) and CRC-64/NVME. Both reflected, all ones in and out. */
const CASTAGNOLI = 0x82f63b78;

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
  return crc >>> 0;
});

export function crc32c(bytes: Uint8Array): Buffer {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC32C_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  const result = Buffer.alloc(4);
  result.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return result;
}

const NVME = 0x9a6c9329ac4bc9b5n;

/**
 * What a byte does to the remainder, by how many bytes follow it of eight that are taken at once; in halves, since JavaScript's 64-bit
 * integers are too slow for this.
 */
const [NVME_HIGH, NVME_LOW] = (() => {
  const [high, low] = [new Int32Array(8 * 256), new Int32Array(8 * 256)];
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ NVME : crc >> 1n;
    high[byte] = Number(BigInt.asIntN(32, crc >> 32n));
    low[byte] = Number(BigInt.asIntN(32, crc));
  }
  for (let i = 256; i < high.length; i++) {
    const [before, index] = [i - 256, low[i - 256] & 0xff];
    low[i] = ((low[before] >>> 8) | (high[before] << 24)) ^ low[index];
    high[i] = (high[before] >>> 8) ^ high[index];
  }
  return [high, low];
})();

export function crc64nvme(bytes: Uint8Array): Buffer {
  let [high, low] = [-1, -1];
  let i = 0;
  for (const eights = bytes.length - 7; i < eights; i += 8) {
    const l = low ^ (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
    const h = high ^ (bytes[i + 4] | (bytes[i + 5] << 8) | (bytes[i + 6] << 16) | (bytes[i + 7] << 24));
    low = ofEight(NVME_LOW, l, h);
    high = ofEight(NVME_HIGH, l, h);
  }
  for (; i < bytes.length; i++) {
    const index = (low ^ bytes[i]) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ NVME_LOW[index];
    high = (high >>> 8) ^ NVME_HIGH[index];
  }
  const result = Buffer.alloc(8);
  result.writeInt32BE(~high, 0);
  result.writeInt32BE(~low, 4);
  return result;
}

function ofEight(table: Int32Array, l: number, h: number): number {
  return (
    table[0x700 | (l & 0xff)] ^
    table[0x600 | ((l >>> 8) & 0xff)] ^
    table[0x500 | ((l >>> 16) & 0xff)] ^
    table[0x400 | (l >>> 24)] ^
    table[0x300 | (h & 0xff)] ^
    table[0x200 | ((h >>> 8) & 0xff)] ^
    table[0x100 | ((h >>> 16) & 0xff)] ^
    table[h >>> 24]
  );
}
