import type { ResultShape } from '../../engine';
import { limitsOf, type ServiceLimits } from '../../wire/limits';
import { MemberBit, memberOf, membersOf, models, type Ref, Scalar, type ServiceModel, shapeOf } from '../../wire/model';

/** Services whose names differ between integrations and SDK clients. */
const CLIENTS: Readonly<Record<string, string>> = { events: 'eventbridge', states: 'sfn' };

/**
 * The shape of an API's answer, for TestState's mocked results: types, required members, enumerations, lengths and ranges. Undefined for a
 * service that the wire model doesn't have.
 * @param resourceType as in the history: "dynamodb", "aws-sdk:s3" @param operation "getItem"
 */
export function resultShapes(resourceType: string, operation: string): ResultShape | undefined {
  const name = resourceType.replace(/^aws-sdk:/, '');
  const service = CLIENTS[name] ?? name;
  const model = models[service];
  const output = model?.operations[operation[0].toUpperCase() + operation.slice(1)]?.[1];
  if (output === undefined) return undefined;
  return resultShape({ ...model, limits: limitsOf(service), parsesPayload: name === resourceType }, output, '');
}

interface LimitedModel extends ServiceModel {
  readonly limits: ServiceLimits;
  /**
   * An optimized integration gives a body of JSON as JSON, `aws-sdk:` as its text.
   * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
   */
  readonly parsesPayload: boolean;
}

const ANY: ResultShape = { kind: 'any' };

/** @param place where a value stands, as limits are keyed */
function resultShape(model: LimitedModel, ref: Ref, place: string): ResultShape {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return scalarShape(shape, model.limits, place);
  if (shape[0] === 1) return { kind: 'list', item: resultShape(model, memberOf(shape[1]).ref, `${place}[]`) };
  if (shape[0] === 2) return { kind: 'map', value: resultShape(model, memberOf(shape[2]).ref, `${place}{}`) };
  // Step Functions writes members with a capital, as the Java SDK does.
  const capital = (name: string) => name[0].toUpperCase() + name.slice(1);
  const members = Object.entries(membersOf(shape));
  const required = shape[0] === 3 ? members.slice(0, shape[2]).map(([name]) => capital(name)) : [];
  const member = (wanted: string) => {
    const [name, found] = members.find(([candidate]) => capital(candidate) === wanted) ?? [];
    if (found === undefined) return undefined;
    const { bits, ref: target } = memberOf(found);
    if (model.parsesPayload && bits & MemberBit.PAYLOAD) return ANY;
    return resultShape(model, target, `${ref}.${name}`);
  };
  return { kind: 'structure', required, member };
}

function scalarShape(scalar: number, { ranges, values }: ServiceLimits, place: string): ResultShape {
  const [least, most] = (ranges[place] ?? []).map((limit) => limit ?? undefined);
  if (scalar === Scalar.NUMBER) return { kind: 'number', minimum: least, maximum: most };
  if (scalar === Scalar.BOOLEAN) return { kind: 'boolean' };
  // A stream's content is given as it is, JSON or text.
  if (scalar === Scalar.DOCUMENT || scalar === Scalar.STREAM) return ANY;
  return { kind: 'string', values: values[place], minimumLength: least, maximumLength: most };
}
