/** What the Glue scripts do, for this machine: the scenarios run it in their place, under the jobs' roles. */
import type { Driver, JobContext } from '../../local';
import { formatCsv, parseCsv } from './csv';

const AMOUNT = /^(\d{1,3}(,\d{3})*|\d+)(\.\d{1,2})?$/;

function cents(amount: string): number {
  const [whole, fraction = ''] = amount.replaceAll(',', '').split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export async function cleanSales(text: string): Promise<[clean: string, rejected: string]> {
  const orders = new Map<string, (string | number)[]>();
  const rejected: (string | number)[][] = [];
  for (const [i, row] of (await parseCsv(text)).entries()) {
    const order = row.order_id.trim();
    const amount = row.amount.trim();
    if (order === '') rejected.push([i + 1, 'no order_id']);
    else if (!AMOUNT.test(amount)) rejected.push([i + 1, 'no amount']);
    else orders.set(order, [order, row.ordered_on, row.customer, row.campaign.trim().toLowerCase() || 'none', cents(amount)]);
  }
  const sorted = [...orders].sort(([a], [b]) => byText(a, b)).map(([, row]) => row);
  return [
    formatCsv([['order_id', 'ordered_on', 'customer', 'campaign', 'cents'], ...sorted]),
    formatCsv([['record', 'reason'], ...rejected]),
  ];
}

export async function cleanMarketing(parts: readonly string[]): Promise<string> {
  const days = new Map<string, { campaign: string; channel: string; spend: number; clicks: number }>();
  for (const row of (await Promise.all(parts.map(parseCsv))).flat()) {
    const campaign = row.campaign.trim().toLowerCase();
    const spend = row.spend.trim();
    if (campaign === '' || !AMOUNT.test(spend)) continue;
    const { channel, day } = row;
    days.set(JSON.stringify([campaign, channel, day]), { campaign, channel, spend: cents(spend), clicks: Number(row.clicks.trim() || 0) });
  }
  const all = [...days.values()];
  const rows = [...new Set(all.map(({ campaign }) => campaign))].sort(byText).map((campaign) => {
    const mine = all.filter((day) => day.campaign === campaign);
    const channels = [...new Set(mine.map(({ channel }) => channel))].sort(byText).join('+');
    return [campaign, channels, mine.reduce((sum, { spend }) => sum + spend, 0), mine.reduce((sum, { clicks }) => sum + clicks, 0)];
  });
  return formatCsv([['campaign', 'channels', 'spend_cents', 'clicks'], ...rows]);
}

export async function joinCampaigns(sales: string | undefined, marketing: string | undefined): Promise<string> {
  const orders = new Map<string, { count: number; revenue: number }>();
  for (const row of await parseCsv(sales ?? '')) {
    const { count, revenue } = orders.get(row.campaign) ?? { count: 0, revenue: 0 };
    orders.set(row.campaign, { count: count + 1, revenue: revenue + Number(row.cents) });
  }
  const spent = new Map((await parseCsv(marketing ?? '')).map((row) => [row.campaign, row]));
  const rows = [...new Set([...orders.keys(), ...spent.keys()])].sort(byText).map((campaign) => {
    const { count, revenue } = orders.get(campaign) ?? { count: 0, revenue: 0 };
    const known = spent.get(campaign);
    const spend = Number(known?.spend_cents ?? 0);
    return [
      campaign,
      ...(sales === undefined ? ['', ''] : [count, revenue]),
      ...(marketing === undefined ? ['', '', ''] : [known?.channels ?? '', spend, Number(known?.clicks ?? 0)]),
      sales === undefined || marketing === undefined ? '' : ratio(revenue, spend),
    ];
  });
  return formatCsv([['campaign', 'orders', 'revenue_cents', 'channels', 'spend_cents', 'clicks', 'return_on_spend'], ...rows]);
}

function ratio(revenue: number, spend: number): string {
  if (spend === 0) return '';
  const hundredths = Math.floor((revenue * 200 + spend) / (2 * spend));
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}

/** How long each job takes. */
const MINUTES = 60_000;

/** Puts the functions in the jobs' places. */
export async function supplyJobs(driver: Driver, stack: string): Promise<void> {
  await driver.job('glue', `${stack}/CleanSales`, async (args, job) => {
    const text = await read(job, args['--input_bucket'], args['--input_key']);
    await job.sleep(7 * MINUTES);
    const [clean, rejected] = await cleanSales(text);
    await write(job, `${args['--output_url']}/clean.csv`, clean);
    await write(job, `${args['--output_url']}/rejected.csv`, rejected);
  });
  await driver.job('glue', `${stack}/CleanMarketing`, async (args, job) => {
    const listed = await job.call('s3', 'ListObjectsV2', { Bucket: args['--input_bucket'], Prefix: args['--input_prefix'] });
    const keys: string[] = (listed.Contents ?? []).map(({ Key }: { Key: string }) => Key).filter((key: string) => key.endsWith('.csv'));
    const parts = [];
    for (const key of keys) parts.push(await read(job, args['--input_bucket'], key));
    await job.sleep(4 * MINUTES);
    await write(job, `${args['--output_url']}/clean.csv`, await cleanMarketing(parts));
  });
  await driver.job('glue', `${stack}/JoinCampaigns`, async (args, job) => {
    const missing = args['--missing'].split(',');
    const [bucket, prefix] = placeOf(args['--input_url']);
    const side = async (name: string) => (missing.includes(name) ? undefined : read(job, bucket, `${prefix}${name}/clean.csv`));
    const [sales, marketing] = [await side('sales'), await side('marketing')];
    await job.sleep(3 * MINUTES);
    await write(job, args['--output_url'], await joinCampaigns(sales, marketing));
  });
}

async function read(job: JobContext, Bucket: string, Key: string): Promise<string> {
  const { Body } = await job.call('s3', 'GetObject', { Bucket, Key });
  return Buffer.from(Body).toString('utf8');
}

async function write(job: JobContext, url: string, text: string): Promise<void> {
  const [Bucket, Key] = placeOf(url);
  await job.call('s3', 'PutObject', { Bucket, Key, Body: Buffer.from(text) });
}

function placeOf(url: string): [bucket: string, key: string] {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  return [bucket, key];
}
