/** An object of the website, with what S3 keeps beside its bytes. */
export interface WebsiteObject {
  readonly key: string;
  readonly body: string;
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

const ARTICLES: readonly (readonly [slug: string, title: string, text: string])[] = [
  ['tides', 'Why there are two tides a day', 'The Moon pulls the near ocean more than the Earth, and the Earth more than the far ocean.'],
  [
    'rainbow',
    'Where a rainbow stands',
    'At 42 degrees around the point opposite the Sun: each drop sends back each colour under its own angle.',
  ],
  ['leap-year', 'Leap years, and the ones left out', '365.2422 days: every fourth year, but not 1900, and 2000 after all.'],
  ['salt', 'Why the sea is salt', 'Rivers bring what rain takes out of rocks; the water leaves again, the salt stays.'],
  ['echo', 'How far away is the thunder', 'Three seconds for a kilometre: light is there at once, sound is not.'],
  ['honey', 'Honey keeps', 'So little water, and so much acid, that nothing grows in it.'],
];

/** A small website: a page for each article, with its picture, an index, a style sheet and what has odd keys. */
export function website(): WebsiteObject[] {
  const pages = ARTICLES.flatMap(([slug, title, text], i): WebsiteObject[] => [
    {
      key: `articles/${slug}/index.html`,
      body: page(title, text),
      contentType: 'text/html; charset=utf-8',
      metadata: { article: String(i + 1) },
    },
    { key: `articles/${slug}/picture.svg`, body: picture(title, i), contentType: 'image/svg+xml' },
  ]);
  const links = ARTICLES.map(([slug, title]) => `<li><a href="articles/${slug}/">${title}</a></li>`).join('');
  return [
    ...pages,
    {
      key: 'index.html',
      body: page('Small questions', `<ul>${links}</ul>`),
      contentType: 'text/html',
      tags: { audience: 'public', owner: 'web + press' },
    },
    { key: 'style.css', body: 'body { font: 18px/1.5 serif; max-width: 40em; margin: auto }', contentType: 'text/css' },
  ];
}

/** Keys that tools trip over: a folder of no bytes, spaces, plus and percent signs, a line break, and characters of two, three and four bytes. */
export function oddObjects(): WebsiteObject[] {
  const keys = [
    'downloads/',
    'downloads/price list + terms (100%).txt',
    'downloads//two slashes',
    'downloads/größe.txt',
    'downloads/～.txt',
    'downloads/🦆.txt',
    'downloads/line\nbreak',
    'downloads/bell\u0007',
    "downloads/'quoted' & <angled>",
  ];
  return keys.map((key) => ({ key, body: key.endsWith('/') ? '' : `This is ${JSON.stringify(key)}.`, contentType: 'text/plain' }));
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><title>${title}</title><link rel="stylesheet" href="/style.css"></head><body><h1>${title}</h1><p>${body}</p></body></html>\n`;
}

function picture(title: string, i: number): string {
  const color = `hsl(${(i * 60) % 360} 60% 50%)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60"><title>${title}</title><circle cx="50" cy="30" r="${12 + 2 * i}" fill="${color}"/></svg>\n`;
}
