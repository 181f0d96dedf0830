/** What a rule's target receives. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
import type { Json } from '../../cloud-types';
import { notImplemented } from '../errors';

export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Readonly<Record<string, string>>; readonly InputTemplate: string };
}

export interface RuleContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When EventBridge received the event. */
  readonly ingestedAt: string;
}

/** As text: JSON, except for what a template makes otherwise. */
export function inputFor(target: TargetInput, event: Json, rule: RuleContext): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(target.InputPath, event) ?? null);
  if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, rule);
  return JSON.stringify(event);
}

/** EventBridge's paths: "$", "$.detail.name", "$.resources[0]". Anything richer is not known here. */
function valueAt(path: string, event: Json): Json | undefined {
  if (!/^\$(?:\.[\w-]+|\['[^']+'\]|\[\d+\])*$/.test(path)) throw notImplemented(`the EventBridge input path ${path}`);
  const steps = [...path.matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/g)].map(([, name, quoted, index]) => name ?? quoted ?? index);
  return steps.reduce<Json | undefined>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as { [key: string]: Json })[step] : undefined),
    event,
  );
}

function transformed(
  { InputPathsMap = {}, InputTemplate }: NonNullable<TargetInput['InputTransformer']>,
  event: Json,
  rule: RuleContext,
): string {
  const predefined: Record<string, Json | undefined> = {
    'aws.events.rule-arn': rule.ruleArn,
    'aws.events.rule-name': rule.ruleName,
    'aws.events.event.ingestion-time': rule.ingestedAt,
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': event,
  };
  let quoted = false;
  let made = '';
  for (let at = 0; at < InputTemplate.length; at++) {
    const character = InputTemplate[at];
    const variable = character === '<' ? /^<([\w.-]+)>/.exec(InputTemplate.slice(at)) : null;
    if (variable) {
      const name = variable[1];
      const known = name in InputPathsMap || name in predefined;
      const value = name in InputPathsMap ? valueAt(InputPathsMap[name], event) : predefined[name];
      if (known) made += quoted ? inQuotes(value) : JSON.stringify(value ?? null);
      else made += variable[0];
      at += variable[0].length - 1;
    } else {
      if (character === '\\') {
        made += character + (InputTemplate[at + 1] ?? '');
        at++;
        continue;
      }
      if (character === '"') quoted = !quoted;
      made += character;
    }
  }
  return made;
}

/** Within quotes a value is a part of the text; one that isn't there leaves nothing. */
function inQuotes(value: Json | undefined): string {
  if (value === undefined) return '';
  return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
}

function withoutDetail(event: Json): Json {
  const { detail: _detail, ...rest } = event as { [key: string]: Json };
  return rest;
}
