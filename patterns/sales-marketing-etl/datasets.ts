import { seededRandom } from '../../local/seeded-random';
import { formatCsv } from './csv';

const CAMPAIGNS = ['Spring', 'Frühling', 'été, la suite', '夏のセール', 'the "big" one', 'only-sales', 'only-marketing'];
const CUSTOMERS = ['Zoë Ångström', 'Brown, Alice', 'Łukasz "Luke" Nowak', 'محمد', "O'Hara", 'line\nbreak'];
const CHANNELS = ['search', 'social', 'mail'];

/** A week's datasets as they arrive, and what must come of them. */
export interface Week {
  /** One file. */
  readonly sales: string;
  /** Several parts, which overlap. */
  readonly marketing: readonly string[];
  /** The joined rows, counted from what the datasets were made of. */
  joined(sides?: { readonly sales?: boolean; readonly marketing?: boolean }): string;
  readonly rejected: number;
}

interface Order {
  readonly campaign: string;
  readonly cents: number;
}

interface Day {
  readonly campaign: string;
  readonly channel: string;
  readonly day: string;
  readonly cents: number;
  readonly clicks: number;
}

/** Quoted fields, missing values, repeated orders, overlapping parts, thousands separators, other scripts: the same for the same week. */
export function week(monday: string, orders = 60): Week {
  const random = seededRandom(Date.parse(monday) / 86_400_000);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const day = () => new Date(Date.parse(monday) + Math.floor(random() * 7) * 86_400_000).toISOString().slice(0, 10);
  const sold = new Map<string, Order>();
  const sales: string[][] = [['order_id', 'ordered_on', 'customer', 'campaign', 'amount']];
  let rejected = 0;
  for (let i = 0; i < orders; i++) {
    const id = `A-${String(i).padStart(5, '0')}`;
    const order = { campaign: i % 9 === 0 ? '' : pick(CAMPAIGNS.slice(0, 6)), cents: Math.floor(random() ** 3 * 500_000) };
    // Told wrongly first: the later row counts.
    if (i % 10 === 3) sales.push([id, day(), pick(CUSTOMERS), 'Spring', '0.01']);
    sales.push([id, day(), pick(CUSTOMERS), i % 4 === 1 ? ` ${order.campaign.toUpperCase()} ` : order.campaign, money(order.cents)]);
    sold.set(id, order);
    if (i % 20 === 7) {
      sales.push(i % 40 === 7 ? ['', day(), pick(CUSTOMERS), 'Spring', '9.99'] : [`B-${i}`, day(), pick(CUSTOMERS), 'Spring', 'n/a']);
      rejected += 1;
    }
  }
  const spent: Day[] = [];
  for (const campaign of CAMPAIGNS.filter((name) => name !== 'only-sales')) {
    for (const channel of CHANNELS.filter(() => random() < 0.7)) {
      for (let i = 0; i < 3; i++) {
        const date = new Date(Date.parse(monday) + i * 86_400_000).toISOString().slice(0, 10);
        spent.push({
          campaign,
          channel,
          day: date,
          cents: Math.floor(random() * 90_000),
          clicks: random() < 0.2 ? 0 : Math.floor(random() * 400),
        });
      }
    }
  }
  // The second part tells the end of the first one again, which was too low there.
  const half = Math.floor(spent.length / 2);
  const parts = [spent.slice(0, half).map((row, i) => (i >= half - 2 ? { ...row, cents: 1 } : row)), spent.slice(half - 2)];
  return {
    sales: `\uFEFF${formatCsv(sales, '\r\n')}`,
    marketing: parts.map((rows) =>
      formatCsv([
        ['day', 'campaign', 'channel', 'spend', 'clicks'],
        ...rows.map((row) => [row.day, row.campaign, row.channel, money(row.cents), row.clicks === 0 ? '' : row.clicks]),
      ]),
    ),
    rejected,
    joined: ({ sales: withSales = true, marketing: withMarketing = true } = {}) =>
      joinedOf(withSales ? [...sold.values()] : undefined, withMarketing ? spent : undefined),
  };
}

/** In another way than the jobs do: campaign by campaign, over what was made, in floating point. */
function joinedOf(sold: readonly Order[] | undefined, spent: readonly Day[] | undefined): string {
  const name = (campaign: string) => campaign.toLowerCase() || 'none';
  const names = [...(sold ?? []), ...(spent ?? [])].map(({ campaign }) => name(campaign));
  const rows = [...new Set(names)]
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((campaign) => {
      const orders = sold?.filter((order) => name(order.campaign) === campaign);
      const days = spent?.filter((day) => name(day.campaign) === campaign);
      const revenue = orders?.reduce((sum, { cents }) => sum + cents, 0) ?? '';
      const spend = days?.reduce((sum, { cents }) => sum + cents, 0) ?? '';
      return [
        campaign,
        orders?.length ?? '',
        revenue,
        [...new Set(days?.map(({ channel }) => channel))].toSorted().join('+'),
        spend,
        days?.reduce((sum, { clicks }) => sum + clicks, 0) ?? '',
        sold && spent && spend ? (Math.round((Number(revenue) * 100) / Number(spend)) / 100).toFixed(2) : '',
      ];
    });
  return formatCsv([['campaign', 'orders', 'revenue_cents', 'channels', 'spend_cents', 'clicks', 'return_on_spend'], ...rows]);
}

/** With a thousands separator, which has to be quoted, where there is one. */
function money(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
