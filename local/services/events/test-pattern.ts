/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
import { ApiError, type Json, type Operation } from '../../cloud-types';
import { checkPattern, InvalidPattern } from '../check-pattern';
import { matchesPattern, type Pattern } from '../event-pattern';

/** "The JSON object must include" all of them. */
const MANDATORY = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

export const testEventPattern: Operation = {
  access: () => [{ action: 'events:TestEventPattern', resource: '*' }],
  run({ EventPattern, Event }: { EventPattern: string; Event: string }) {
    return { Result: matchesPattern(patternOf(EventPattern), eventOf(Event)) };
  },
};

/** @throws as PutRule does */
export function patternOf(text: string): Pattern {
  return accepted(parsed(text));
}

export function accepted(pattern: Json | undefined): Pattern {
  try {
    checkPattern(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error;
    throw new ApiError('InvalidEventPatternException', error.message);
  }
}

function eventOf(text: string): Json {
  const event = parsed(text);
  const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
  if (isObject && MANDATORY.every((name) => name in event)) return event;
  throw new ApiError('ValidationException', `Parameter Event is not valid: it must be a JSON object with ${MANDATORY.join(', ')}.`);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
