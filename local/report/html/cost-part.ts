import { ASSUMED_TASK_MS, type Cost, NOT_COUNTED, perThousandRuns } from '../cost';
import { type Markup, markup } from '../markup';
import { PRICES, type Price } from '../prices';
import { part, table } from './parts';

/** What a thousand runs like this one would cost, line by line. */
export function costPart(cost: Cost): Markup {
  const rows = cost.lines.map(({ price, quantity, usd }) => [
    `${price.service}: ${price.what}`,
    `${quantity.toLocaleString('en', { maximumSignificantDigits: 3 })} ${price.unit}`,
    perThousandRuns(usd),
  ]);
  return part(
    'Estimated cost',
    `${perThousandRuns(cost.usd)} per 1,000 runs`,
    markup`${table('Estimated cost', [{ head: 'What' }, { head: 'In one run', numeric: true }, { head: 'Per 1,000 runs', numeric: true }], rows)}${
      cost.unpriced.length > 0 && markup`<p class="small">Without a price here, so not in the sum: ${cost.unpriced.join(', ')}.</p>`
    }<p class="soft small">See <a href="#prices">prices and what is not counted</a>.</p>`,
  );
}

/** The price table, with where and when each price was seen. */
export function priceSection(): Markup {
  const rows = Object.values(PRICES).map((price: Price) => [
    `${price.service}: ${price.what}`,
    `${exactly(price.usd)} per ${price.per === 1 ? price.unit.replace(/s$/, '') : `${price.per.toLocaleString('en')} ${price.unit}`}`,
    price.page,
    price.seen ?? 'without a date',
  ]);
  return markup`<section aria-labelledby="prices"><h2 id="prices">Prices</h2>
<p>List prices of us-east-1 in US dollars. AWS's own page counts; the date is that of the copy that an amount was read in. An estimate, made from the calls and state transitions of the runs above: a Lambda invocation, or another task of an Express workflow, is taken to last ${ASSUMED_TASK_MS} ms, since its time on this machine says nothing of AWS's.</p>
<p>Not counted: ${NOT_COUNTED.join('; ')}.</p>
${table('Prices', [{ head: 'What' }, { head: 'Price' }, { head: 'AWS page' }, { head: 'Seen' }], rows)}</section>
`;
}

/** All of a price's digits. */
function exactly(usd: number): string {
  return `$${usd.toFixed(10).replace(/0+$/, '').replace(/\.$/, '')}`;
}
