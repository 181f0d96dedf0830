import { crc32c, crc64nvme } from '../../../../local/services/s3/crc';

/** Bit by bit, as the catalogue of parametrised CRC algorithms defines it: https://reveng.sourceforge.io/crc-catalogue/ */
function bitByBit(bytes: Uint8Array, width: number, polynomial: bigint): string {
  const ones = (1n << BigInt(width)) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return (crc ^ ones).toString(16).padStart(width / 4, '0');
}

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => (i * i * 37 + 11) & 0xff);

test('are the check values of the catalogue', () => {
  expect(crc32c(Buffer.from('123456789')).toString('hex')).toBe('e3069283');
  expect(crc64nvme(Buffer.from('123456789')).toString('hex')).toBe('ae8b14860a799888');
});

test.each([0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100])('%i bytes', (length) => {
  const bytes = BYTES.subarray(0, length);
  expect(crc32c(bytes).toString('hex')).toBe(bitByBit(bytes, 32, 0x82f63b78n));
  expect(crc64nvme(bytes).toString('hex')).toBe(bitByBit(bytes, 64, 0x9a6c9329ac4bc9b5n));
});
