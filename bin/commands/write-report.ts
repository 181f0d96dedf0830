import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HtmlReport } from '../../local/report/html/report';
import { UsageError } from './usage-error';

/** Gives the page's path. @param path `--report` */
export function writeReport(html: HtmlReport, path = join('.stepworks', 'report.html')): string {
  const page = html.page(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, page);
  } catch (error) {
    throw new UsageError(`the report can't be written to '${path}': ${(error as Error).message}`);
  }
  return path;
}
