import type { Coverage } from '../coverage';
import { type Markup, markup } from '../markup';
import { part } from './parts';

/** How much of its workflows a pattern's scenarios go through, and what they leave out. */
export function coveragePart({ all, neverTaken, text }: Coverage): Markup | undefined {
  if (all.length === 0) return undefined;
  const left = neverTaken.map(
    ({ name }) => markup`<li>${name}</li>
`,
  );
  const inside = left.length > 0 ? markup`<p>Never taken:</p><ul>${left}</ul>` : markup`<p>Every way was taken.</p>`;
  return part('Coverage', text, inside);
}
