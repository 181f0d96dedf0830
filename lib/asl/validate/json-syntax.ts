import { jsonFault, lineAndColumn } from '../json-fault';
import type { Diagnostic } from './diagnostic';

/** How much of a text Jackson quotes. */
const QUOTED = 500;

/** A text that is no JSON, told as AWS's parser tells it. */
export function jsonSyntaxError(text: string): Diagnostic {
  const fault = jsonFault(text);
  const left = text.length - QUOTED;
  const source = left > 0 ? `"${text.slice(0, QUOTED)}"[truncated ${left} chars]` : `"${text}"`;
  const place = (offset: number) => `[Source: (String)${source}; ${lineAndColumn(text, offset)}]`;
  const location = place(fault.offset);
  return { severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', location, message: `${fault.message(place)}\n at ${location}` };
}
