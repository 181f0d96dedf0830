import { formatLink, linkUrl, parseLink } from '../../../../../lib/blocks/approval-gate/handlers/link';

const link = {
  requestId: '-uMe_AZPXXpotem56Kzpyg',
  expiresAt: Date.parse('2026-07-03T12:05:00.250Z'),
  signature: 'HJ5CJFHe6j16k8wwfWhU-A',
};

test('a link is read as it was written', () => {
  expect(parseLink(formatLink(link))).toEqual(link);
});

test.each(['https://api.example', 'https://api.example/', 'https://api.example//'])('its URL below %s has one slash', (url) => {
  expect(linkUrl(url, link)).toBe(`https://api.example/${formatLink(link)}`);
});

const [id, expiry, signature] = formatLink(link).split('.');
test.each([
  '',
  'favicon.ico',
  id,
  `${id}.${expiry}`,
  `${id}.${expiry}.`,
  `${id}.${expiry}.${signature}x`,
  `${id}.${expiry}.${signature.slice(1)}`,
  `${id}x.${expiry}.${signature}`,
  `${id}.-1.${signature}`,
  `${id}.0${expiry}.${signature}`,
  `${id}.${expiry.toUpperCase()}.${signature}`,
  `${id}.zzzzzzzzzzz.${signature}`,
  `${id}.${expiry}.${signature}\n`,
  `${id}.${expiry}.${signature.slice(0, 21)}=`,
  `${id}.${expiry}.${signature}.x`,
  '../../etc/passwd',
  'x'.repeat(10_000),
])('%j is no link', (text) => {
  expect(parseLink(text)).toBeUndefined();
});
